/** For those who may not see where copies go: names, replies and dialogues without the addresses in them. */

const HIDDEN = "•••";
/** Whatever stands around an @: more than the grammar of addresses allows, never less. Bounded, or long texts would take for ever. */
const ADDRESS = /(?:"(?:[^"\\]|\\.){0,254}"|[^\s<>()[\],;:"]{1,254})@(?:\[[^\]\s]{1,254}\]|[^\s<>()[\],;:"]{1,254})/gu;

export function hideAddresses(text: string): string {
  return text.replace(ADDRESS, HIDDEN);
}

/** In all texts of a value; keys stay. */
export function hideAddressesIn<T>(value: T): T {
  if (typeof value === "string") return hideAddresses(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => hideAddressesIn(item)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hideAddressesIn(inner)])) as T;
}
