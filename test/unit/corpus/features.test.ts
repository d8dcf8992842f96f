import { expect, it } from 'vitest';
import { featuresOf, type Feature } from '../../../models/training/corpus/features';

it.each<[Feature, string[], string[]]>([
  [
    'type hints',
    ['def f(x: int):\n', 'def f(x) -> str:\n', 'def f(\n    x: int,\n) -> str:\n'],
    ['def f(x):\n    return {1: 2}\n', 'def f():  # -> str\n', 'else: x = 1\n', 'x = {a: b}\n'],
  ],
  [
    'dataclasses',
    ['@dataclass\nclass A:\n', '@dataclasses.dataclass(frozen=True)\n'],
    ['dataclass = 1\n'],
  ],
  ['f-strings', ['print(f"{x}")\n', "rf'{x}'\n"], ['"{}".format(x)\n', "pdf'{x}'\n", 'f("x")\n']],
  ['match', ['match x:\n    case 1:\n        pass\n'], ['match = re.match(x)\n', 'match x:\n']],
  ['async', ['async def f():\n', '    async with x as y:\n'], ['asyncio.run(f())\n']],
])('%s are seen where they are', (feature, having, lacking) => {
  for (const text of having) expect(featuresOf(text), text).toContain(feature);
  for (const text of lacking) expect(featuresOf(text), text).not.toContain(feature);
});
