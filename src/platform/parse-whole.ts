/** A whole number within bounds; a string says what is wrong with it. */
export function parseWhole(text: string, min: number, max: number): number | string {
  const n = Number(text);
  return Number.isInteger(n) && n >= min && n <= max ? n : `"${text}" is not a whole number from ${min} to ${max}`;
}
