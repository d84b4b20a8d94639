/** Texts for those who may not see where copies go: names, replies and dialogues without the addresses in them. */

const HIDDEN = "•••";
/** Whatever stands around an @: more than the grammar of addresses allows, never less. */
const ADDRESS = /(?:"(?:[^"\\]|\\.)*"|[^\s<>()[\],;:"]+)@[^\s<>()[\],;:"]+/gu;

export function hideAddresses(text: string): string {
  return text.replace(ADDRESS, HIDDEN);
}
