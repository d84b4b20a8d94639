/** Places in a source as the server tells them (line and column from 1, UTF-16 units), and what a text field does with them. */

export type Place = { line: number; column: number };

/** Where a place lies in the text; beyond the end of its line: the end of that line. */
export function offsetOf(text: string, { line, column }: Place): number {
  let start = 0;
  for (let passed = 1; passed < line; passed++) {
    const end = text.indexOf("\n", start);
    if (end === -1) return text.length;
    start = end + 1;
  }
  const end = text.indexOf("\n", start);
  return Math.min(start + Math.max(0, column - 1), end === -1 ? text.length : end);
}

/** The word that begins at an offset, so that a jump marks something that can be seen. */
export function wordAt(text: string, offset: number): number {
  const match = /^(?:[\p{L}\p{N}_.'-]+|[{<%]+[^\n>%}]{0,40}[%}>]{0,2}|[^\n])/u.exec(text.slice(offset, offset + 80));
  return offset + (match?.[0].length ?? 0);
}

export function countLines(text: string): number {
  let lines = 1;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}

/** MJML is told by its first element. */
export const isMjml = (html: string): boolean => /^<mjml[\s>]/i.test(html.trimStart().slice(0, 6));

/** `line 2, column 4: unknown tag fi`, as refusals write it (docs/errors.md). */
export function placedMessage(message: string): (Place & { message: string }) | null {
  const match = /^line (\d+), column (\d+): ([^]*)$/.exec(message);
  return match === null ? null : { line: Number(match[1]), column: Number(match[2]), message: match[3] ?? "" };
}

type TextField = HTMLTextAreaElement | HTMLInputElement;

export function jumpTo(field: TextField, place: Place): void {
  const start = offsetOf(field.value, place);
  field.focus();
  field.setSelectionRange(start, wordAt(field.value, start));
  const lineHeight = Number.parseFloat(getComputedStyle(field).lineHeight);
  field.scrollTop = Math.max(0, (place.line - 1) * lineHeight - field.clientHeight / 3);
  field.scrollIntoView({ block: "nearest" });
}

/** At the cursor. As if typed, so that undo takes it back; only where a browser has given that up, set directly. */
export function insertInto(field: TextField, words: string): void {
  field.focus();
  // oxlint-disable-next-line typescript/no-deprecated -- the only way to write into the undo history
  if (document.execCommand("insertText", false, words)) return;
  field.setRangeText(words, field.selectionStart ?? 0, field.selectionEnd ?? 0, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
