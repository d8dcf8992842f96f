/** Definitions in which names come back: fields, setters, keywords, returns, swaps and loops. */
import type { Block } from './block';
import { between, times, weighted } from './choose';
import { intList, numeral, strList } from './literals';
import { className, functionName } from './names';
import { wordString } from './text';

/** So many names that nothing in sight has, each once. */
function freshNames(b: Block, low: number, high: number): string[] {
  const names = new Set<string>();
  for (let count = between(b.rng, low, high); names.size < count;) names.add(b.fresh('int'));
  return [...names];
}

const listed = (names: readonly string[]): string => names.join(', ');
const keywords = (names: readonly string[]): string => listed(names.map((x) => `${x}=${x}`));

/** `class Lamp:` whose fields are its parameters, with methods that give them back or set them. */
function record(b: Block): void {
  const { rng } = b;
  const fields = freshNames(b, 2, 6);
  const name = className(rng);
  const c = b.nested(`class ${name}:`);
  const init = c.functionBody(`def __init__(self, ${listed(fields)}):`, [], null);
  const order = rng.chance(0.6) ? fields : rng.shuffle(fields);
  if (rng.chance(0.1)) {
    init.line(`${listed(order.map((x) => `self.${x}`))} = ${listed(order)}`);
  } else for (const x of order) init.line(`self.${x} = ${x}`);
  const methods = weighted<(x: string) => void>(
    [3, (x) => c.functionBody(`def get_${x}(self):`, [], 'any').line(`return self.${x}`)],
    [3, (x) => c.functionBody(`def set_${x}(self, ${x}):`, [], null).line(`self.${x} = ${x}`)],
    [2, (x) => c.functionBody(`def ${x}(self):`, [], 'any').line(`return self._${x}`)],
    [
      1,
      () => {
        const method = c.functionBody('def copy(self):', [], 'any');
        method.line(`return ${name}(${listed(fields.map((x) => `${x}=self.${x}`))})`);
      },
    ],
  );
  for (const x of rng.shuffle(fields).slice(0, rng.pick([0, 1, 1, 2]))) {
    c.blank();
    methods(rng)(x);
  }
}

/** A function that hands its parameters on by name, or gives them back. */
function passing(b: Block): void {
  const { rng } = b;
  const params = freshNames(b, 1, 5);
  const body = b.functionBody(`def ${functionName(rng)}(${listed(params)}):`, [], 'any');
  const made = rng.chance(0.5) ? functionName(rng) : className(rng);
  const forms = weighted<() => void>(
    [4, () => body.line(`return ${made}(${keywords(params)})`)],
    [2, () => body.line(`return ${made}(${listed(params)})`)],
    [1, () => body.line(`return ${listed(params)}`)],
    [1, () => body.line(`return {${listed(params.map((x) => `'${x}': ${x}`))}}`)],
    [
      3,
      () => {
        const [result] = freshNames(body, 1, 1);
        body.line(`${result} = ${made}(${rng.chance(0.6) ? keywords(params) : listed(params)})`);
        body.line(`return ${result}`);
      },
    ],
  );
  forms(rng)();
}

/** A function that binds a name, works on it and returns it. */
function returning(b: Block): void {
  const { rng } = b;
  const [param, result] = freshNames(b, 2, 2);
  const body = b.functionBody(`def ${functionName(rng)}(${param}):`, [], 'any');
  const forms = weighted<() => void>(
    [
      3,
      () => {
        const [item] = freshNames(body, 1, 1);
        body.line(`${result} = []`);
        const loop = body.nested(`for ${item} in ${param}:`, { loop: true });
        loop.line(`${result}.append(${item}${rng.chance(0.3) ? ` * ${numeral(rng)}` : ''})`);
      },
    ],
    [2, () => body.line(`${result} = ${param} ${rng.pick(['+', '-', '*'])} ${numeral(rng)}`)],
    [2, () => body.line(`${result} = ${functionName(rng)}(${param})`)],
    [
      1,
      () => {
        body.line(`${result} = ${param}.get(${wordString(rng)})`);
        body.nested(`if ${result} is None:`).line(`${result} = ${numeral(rng)}`);
      },
    ],
  );
  forms(rng)();
  body.line(`return ${result}`);
}

/** Names bound and then swapped, now and then more than once. */
function swapping(b: Block): void {
  const { rng } = b;
  const names = freshNames(b, 2, 3);
  for (const name of names) {
    b.line(`${name} = ${numeral(rng)}`);
    b.bind(name, 'int');
  }
  for (let count = rng.pick([1, 1, 2, 3]); count > 0; count--) {
    const [x, y] = rng.shuffle(names);
    b.line(`${x}, ${y} = ${y}, ${x}`);
    if (rng.chance(0.3)) b.line(`print(${rng.chance(0.5) ? x : `${x}, ${y}`})`);
  }
}

/** A list bound, and a loop over it whose body uses the item. */
function looping(b: Block): void {
  const { rng } = b;
  const [list, item] = freshNames(b, 2, 2);
  const literal = rng.chance(0.6) ? intList(b) : strList(rng);
  b.line(`${list} = ${rng.chance(0.75) ? literal : `${functionName(rng)}()`}`);
  b.bind(list, 'ints');
  const head = weighted<string>(
    [4, `for ${item} in ${list}:`],
    [1, `for i, ${item} in enumerate(${list}):`],
    [1, `for ${item} in sorted(${list}):`],
  )(rng);
  const body = b.nested(head, { loop: true });
  const uses = [`print(${item})`, `${functionName(rng)}(${item})`, `print(f"{${item}}")`];
  body.line(rng.pick(uses));
  if (rng.chance(0.3)) b.line(`print(len(${list}))`);
}

const definitions = weighted([4, record], [3, passing], [3, returning]);
const statements = weighted([3, swapping], [2, looping]);

/** A class or function in which names come back, or a run of statements that do. */
export function copyNames(b: Block, kind: 'definition' | 'statements'): void {
  if (kind === 'definition') definitions(b.rng)(b);
  else times(between(b.rng, 1, 2), () => statements(b.rng)).forEach((write) => write(b));
}
