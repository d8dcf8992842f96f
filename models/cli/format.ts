/** Plain text for people. */

const BAR_WIDTH = 30;

/** Rows in columns; numbers to the right. The first row is the header. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const columns = rows[0].map((_, i) => Math.max(...rows.map((row) => String(row[i]).length)));
  const line = (row: readonly (string | number)[]) =>
    row
      .map((cell, i) => {
        const text = String(cell);
        const right = rows.length > 1 && typeof rows[1][i] === 'number';
        return right ? text.padStart(columns[i]) : text.padEnd(columns[i]);
      })
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}

/** A bar for a share from 0 to 1. */
export function bar(share: number): string {
  return '█'.repeat(Math.round(share * BAR_WIDTH)) || '▏';
}

/** Percentage with one digit, right-aligned. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`.padStart(7);
}

/** A number with its sign and three digits. */
export function signed(value: number): string {
  return (value >= 0 ? '+' : '') + value.toFixed(3);
}
