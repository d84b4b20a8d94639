/** Reading one search parameter: anything that is not a plain value is no filter. Numbers come as numbers (`?id=12`). */
export function text(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A parameter that must be one of some words; another word is no filter rather than an error. */
export function oneOf<W extends string>(words: readonly W[], value: unknown): W | undefined {
  return words.find((word) => word === value);
}
