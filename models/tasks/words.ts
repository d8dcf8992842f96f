/** Words of the task prompts: three pools that share no name, neither with each other nor with the idioms. */

import type { Lexicon } from '../training/idioms/text';

/** What the names and texts of one part of a task are made of. */
export interface Pool extends Lexicon {
  /** Names that are one token after a blank. The idioms use them too: what is new is their company. */
  attributes: readonly string[];
  /** Such names, for tasks that copy one: as many as models copy, for a circuit knows few one by one. */
  copied: readonly string[];
  /** Second parts of names that are one token after `_`. */
  suffixes: readonly string[];
  /** Single-letter names. */
  letters: readonly string[];
  /** Names of open files. */
  handles: readonly string[];
}

const split = (text: string): string[] => text.trim().split(/\s+/);

/**
 * What names of files say of their use, in pairs of as many tokens. All parts have these, since which
 * words mean reading and which writing is what a circuit of theirs knows.
 */
export const fileUses: readonly (readonly [read: string, write: string])[] = [
  ['input', 'output'],
  ['template', 'log'],
  ['dataset', 'target'],
  ['dictionary', 'export'],
  ['settings', 'summary'],
  ['incoming', 'outgoing'],
  ['source', 'result'],
  ['original', 'report'],
  ['config', 'copy'],
  ['options', 'backup'],
  ['manual', 'history'],
];

/** Words that circuits are found with. */
const search: Pool = {
  nouns: split(`
    anchor apron arrowhead badger bakery barrel basin beacon bench berry blanket bonnet bracelet
    broom buffalo bunker cabin cactus canal candy canoe carpet castle cave cellar cherry chimney
    circus clinic closet compass copper coral cottage cotton cradle crane crayon cricket crown
    curtain dagger diamond dolphin donkey drawer elbow falcon feather fence ferry fiddle fossil
    fountain funnel galaxy
    acorn alley almond antler arcade attic avocado balcony bamboo banjo banner barley basil beaver
    beetle biscuit blossom bonfire boulder bramble bubble bugle cabbage camel captain caravan carrot
    casket cedar cello chapel cheese chisel cider cliff clover cobra coconut comet corridor cougar
    coyote crater cushion cymbal daisy easel ember fabric flask flute freight fungus gadget garnet
    ginger glacier goblet granite grotto hammock harp hatchet honey hyena ivory jackal jasmine
    juniper kayak kiosk koala lagoon lentil linen llama mammoth marsh meteor moose mustard
    napkin needle nickel nutmeg panther peanut pelican pier pine pistol plank pottery puddle puppet
    quail quartz quiver radish raft raven ribbon ridge saddle saffron salmon sandal satin scarf
    shovel sickle sleigh sparrow spinach squirrel stadium statue stove sunset swan tavern temple
    thimble timber tomato tractor trumpet tulip turnip valley vase velvet vessel violet vulture
    waffle wagon walnut walrus weasel whale willow yacht
  `),
  adjectives: split(`
    amber ample awful bare bitty blank blunt brisk bulky casual chilly civil cosmic crisp curly
    dense dull eager exotic faint fancy fierce foggy fresco frosty
    breezy bronze careful chubby cloudy crimson daring dusty elder elegant fluffy frail fragile
    gloomy hollow honest jagged scarlet shaggy silver sleepy slender slim spicy stale steep stormy
    sturdy sunny swift tame vivid weary witty
  `),
  verbs: split(`
    adjust admire arrange balance bend bless bounce browse bury capture carve chase climb comb cook
    crush dig drain dust erase
    arrest bake bathe blend borrow crawl dance deliver drift escape forgive hang heal hire hug kick
    kneel march nod pinch polish pour praise rinse roast sail scrub shave shout slide soak spray
    squash sweep taste tickle toss twist wander weave whisper
  `),
  people: split(
    'Amir Bella Cyrus Diana Edgar Fiona Gus Holly Ivan Jana Kurt Lena Miles Nadia Otto Ada Arlo Bruno Carla Conrad Edith Elsa Felix Greta Hank Ida Jasper Lars Mabel Ned Opal Petra Ralph Selma Tess Vera Wanda',
  ),
  everyday: split(
    'angle budget chance demand effort format_name gap hint income journey kit league',
  ),
  attributes: split('name width color level count text line user weight start status group row'),
  copied: split(`
    name width color level count text word line item node data code email user power weight length
    radius depth mode status message label amount limit start first last low high top point kind
    group health model year month day time row player expected out values document field machine
    order shape app factory sample main short tower columns expr chef frame lesson re np ex con
    str pro ax res ch mon exp pl pri ac qu pi bo tra de st le th co ma se al un
  `),
  suffixes: split('name count group weight'),
  letters: split('a e k p s u x'),
  handles: split('f stream out infile fin src sink writer'),
};

const proofAttributes = split(
  'size height title speed score value index total key number path end page',
);

const proof: Pool = {
  nouns: split(`
    gallery garage garlic gazelle goblin goose gravel hamster harbor hazel hedge helmet hornet
    hurdle igloo jaguar jelly jungle kettle kitten knight ladle lantern lawn leopard lily lizard
    lobster locker lotus mango maple marble meadow melon mermaid mitten mosaic muffin nugget oasis
    olive orbit orchid otter oyster paddle palace parade pebble pepper pigeon pillow plum pony
    pumpkin
  `),
  adjectives: split(`
    glad glossy grim handy harsh humble icy jolly keen lavish legal lively mellow merry mild misty
    muddy naive noble numb plump polite rigid rusty salty
  `),
  verbs: split(`
    enjoy expand explore fasten float gather glue grab greet grind guess harvest hunt ignore invent
    knit launch melt mend nudge
  `),
  people: split('Amos Boris Cleo Dora Elmo Faye Gwen Heidi Igor Judy Karl Lola Moses Nell Olga'),
  everyday: split(
    'matter method nature option pace quota reason supply talent upside value_set yield_rate',
  ),
  attributes: proofAttributes,
  copied: proofAttributes,
  suffixes: split('size path value key index'),
  letters: split('b d g j m q r t v y'),
  handles: split('file handle fp reader'),
};

/** Of the words that circuits are found with, one in this many is kept for the selection. */
const SELECTION_ONE_IN = 4;
/** Letters are few, and prompts need several. */
const selectionLetters = split('c h i n w z');

/** The words of a pool for masks and for the selection; a word of two lists goes one way. */
function divide(pool: Pool): { masks: Pool; selection: Pool } {
  const kept = new Map<string, boolean>();
  for (const list of Object.values(pool) as (readonly string[])[]) {
    list.forEach((word, i) => {
      if (!kept.has(word)) kept.set(word, i % SELECTION_ONE_IN === SELECTION_ONE_IN - 1);
    });
  }
  const part = (selection: boolean): Pool => {
    const own = (list: readonly string[]) => list.filter((word) => kept.get(word) === selection);
    return {
      nouns: own(pool.nouns),
      adjectives: own(pool.adjectives),
      verbs: own(pool.verbs),
      people: own(pool.people),
      everyday: own(pool.everyday),
      attributes: own(pool.attributes),
      copied: own(pool.copied),
      suffixes: own(pool.suffixes),
      handles: own(pool.handles),
      letters: selection ? selectionLetters : pool.letters,
    };
  };
  return { masks: part(false), selection: part(true) };
}

/** The pools by the part of a task that uses them. */
export const pools = { ...divide(search), proof } as const;
