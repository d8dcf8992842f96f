/**
 * Word lists of the idiom generator, in a fixed random order: `common` draws the first ones most.
 * The tasks draw on lists of their own (`models/tasks/words`).
 */

import { Rng } from '../../random';

const split = (text: string): string[] =>
  new Rng('order of words').shuffle(text.trim().split(/\s+/));

/** Short everyday names: attributes, parameters, locals. Drawn often, so they become one token. */
export const everyday = split(`
  name size width height color age title price speed level score value index total count key text
  word line item node data number path code city email user power weight length radius depth mode
  status message label amount rate limit start end step left right first last low high top point
  group kind owner health model year month day time page row
`);

/** Nouns with a regular plural. */
export const nouns = split(`
  account action actor address agent album alert animal answer apple area army arrow article artist
  asset author badge bag ball banana bank basket battery beach bean bear bed bell bike bill bird
  block board boat book bottle bowl box branch bread bridge brother brush bucket bug building bus
  button cake camera camp candle car card cat cell center chain chair chapter chart chef circle
  classroom client clock cloud club coach coat coin column comment company computer contact
  cookie corner country course cousin cow cup customer dancer daughter deck desk device doctor
  document dog doll door dragon dream dress driver drone drum duck eagle editor egg engine event
  exam factory family fan farm farmer father feature field finger fire fish flag flight floor
  flower folder fork forest frame friend fruit game garden gate ghost gift girl glass goal goat
  grade grape guard guest guitar hall hammer hand hat head hero hill holiday horse hospital hotel
  hour house idea image insect island jacket job judge keyboard king kitchen kite ladder lake lamp
  lemon lesson letter library light lion lock logbook machine magnet mail manager tile
  market match meal meeting member memory menu metal minute mirror mission monkey monster moon
  mother motor mountain mouth movie museum nail neighbor nest network note notebook
  nurse ocean office onion orange orchard order oven owl package painter painting pan panda
  parcel park parrot part party passenger patient payment peach pen pencil person phone photo piano
  picture pig pilot pin pipe pirate pizza place plan planet plant plate player pocket poem poet
  potato present prize problem product profile project puzzle queen question rabbit
  race radio recipe record region reply request reward ring river road robot rocket role roof
  room rope rose route rule runner salad sample sandwich school screen season seat seed sensor server
  session shape ship shirt shoe shop signal singer sister skill skyline snake song spider spoon
  sport squad stage stamp star station stone store storm story street student subject sugar suit
  table tail task taxi teacher team tent thread ticket tiger token tool tower town toy track
  trader train tree trip truck tunnel turtle uncle unit vehicle village visitor voice wallet wall
  watch wave week wheel wing winner wizard wolf worker writer zebra zone
`);

/** Verbs for function and method names. */
export const verbs = split(`
  add apply attach build buy calculate call carry check choose clean clear close collect combine
  compare compute convert copy count create cut decode delete describe detect divide double draw
  drop encode fetch fill find fix fold form get give grow handle hide hold insert
  inspect join keep learn lift link load lock log make mark measure merge mix move multiply
  order pack paint paste pay pick place play prepare process pull push put rank reach
  receive reduce refresh remove rename repair repeat replace reset resize
  reverse roll rotate run save scale scan search select sell send shake share shift show
  skip solve sort split start stop store swap switch take test throw
  toggle trade trim turn update validate visit walk wash wrap write
`);

/** Adjectives for names, flags and sentences. */
export const adjectives = split(`
  active ancient angry basic best big bitter black blue bold brave bright broken brown calm cheap
  clean clever closed cold common cool correct crazy current daily damp dark dear deep dirty dry
  early easy empty equal extra fair famous fast final fine flat fresh friendly full funny gentle
  giant golden good grand gray great green half happy hard heavy hidden hot huge hungry idle inner
  large late lazy little local lonely long loud lucky main major minor modern narrow near neat
  new nice noisy odd old orderly outdoor outer pale perfect plain pretty proud purple pure
  quick quiet rapid rare raw ready real red rich rough royal safe sharp short shy silent silly
  simple slow small smart smooth soft solid special stable steady strange strong sweet tall thick
  thin tiny tired tidy ugly unique upper used useful valid warm weak wet white whole wide wild
  wise wooden yellow young
`);

/** Names of people and places for string values. */
export const people = split(`
  Alice Bob Carol Dave Emma Frank Grace Henry Ivy Jack Kate Leo Mia Nina Oscar Paul Quinn Rosa Sam
  Tina Uma Victor Wendy Xavier Yara Zoe Anna Ben Clara Dan Ella Finn Gina Hugo Iris John Lucy Max
  Nora Omar Peter Ruth Sara Tom London Paris Rome Berlin Madrid Tokyo Cairo Lima Oslo Vienna
`);

/** Single-letter and other very short variable names. */
export const shortNames = split('a b c d e g h i j k m n p q r s t u v w x y z');

/** First parts of names of files to read, and of files to write. */
export const readStems = split(`
  input source config settings data dataset template original dictionary manual incoming options
`);
export const writeStems = split(`
  output result log report summary backup export copy target final_draft outgoing history
`);
