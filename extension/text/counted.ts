/** A number and what there are so many of: `1 edge`, `2 edges`. */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
