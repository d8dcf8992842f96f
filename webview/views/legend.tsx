/** What colors, borders and lines of the picture mean. */

const ENTRIES: readonly (readonly [string, string])[] = [
  ['dot positive', 'active, above 0'],
  ['dot negative', 'active, below 0'],
  ['dot helps', 'thick border: supports the token'],
  ['dot opposes', 'dotted border: opposes it'],
  ['dot joins', 'small: only joins others'],
  ['dot off', 'ablated'],
  ['line', 'pushes up (arrow)'],
  ['line down', 'pushes down (blunt end)'],
  ['line dashed', 'through attention'],
  ['line dotted', 'query or key'],
];

export function Legend() {
  return (
    <details class="legend">
      <summary>Legend</summary>
      <div>
        {ENTRIES.map(([sign, text]) => (
          <span key={sign}>
            <i class={sign} />
            {text}
          </span>
        ))}
      </div>
    </details>
  );
}
