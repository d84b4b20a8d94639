/** Blanks, commas and line ends part domains, networks and masks. */
export const wordsOf = (text: string): string[] => text.split(/[\s,;]+/).filter((word) => word !== "");
