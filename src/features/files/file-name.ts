/** The name a person gave a file, as it can be shown, stored and put into a header of a message. */

const MAX_LENGTH = 200;
/** Longer ones are no extension that anybody needs kept. */
const MAX_EXTENSION = 20;
/**
 * Control characters, line and paragraph separators, and what changes the direction of text: it makes `cod.exe` look like
 * `exe.doc`. Lone surrogates and private characters cannot be shown.
 */
const UNWANTED = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Co}\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Without folders; never empty, never longer than 200 characters; the extension survives. */
export function cleanFileName(name: string): string {
  const last = name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);
  const clean = last.replace(UNWANTED, "").trim();
  const shown = shorten(clean);
  return /^\.*$/.test(shown) ? "file" : shown;
}

function shorten(name: string): string {
  const characters = Array.from(name);
  if (characters.length <= MAX_LENGTH) return name;
  const dot = characters.lastIndexOf(".");
  const extension = dot > 0 && characters.length - dot <= MAX_EXTENSION ? characters.slice(dot) : [];
  return [...characters.slice(0, MAX_LENGTH - extension.length), ...extension].join("");
}
