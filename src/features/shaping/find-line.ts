/**
 * Where in a TOML file something is said. The parser gives lines for syntax errors only; this finds tables and keys by
 * looking at the text, so that a mistake in a value can be named with its line too.
 */

/** A table of an array of tables, `[[rule]]`, by its number from 0. */
type Block = { readonly table: string; readonly from: number; readonly to: number };

export type LineFinder = {
  /**
   * The line, from 1, of a key of the table, and in it of a value when the value stands on a line of its own. What is not
   * found falls back to the key, the table, the first line.
   */
  lineOf(table: string, index: number | null, key?: string, value?: string): number;
};

const HEADER = /^\s*\[\[?\s*"?([A-Za-z0-9_-]+)"?\s*\]\]?/;
const KEY = /^\s*["']?([A-Za-z0-9_-]+)["']?(?:\s*\.[^=]*)?\s*=/;

export function createLineFinder(text: string): LineFinder {
  const lines = text.split("\n");
  const isText = linesInTexts(lines);
  const blocks = readBlocks(lines, isText);
  const keyLine = (key: string, from: number, to: number) =>
    lines.findIndex((line, i) => i >= from && i < to && !isText[i] && KEY.exec(line)?.[1] === key);
  return {
    lineOf(table, index, key, value) {
      const block = blocks.filter((one) => one.table === table)[index ?? 0];
      const from = block?.from ?? Math.max(0, keyLine(table, 0, lines.length));
      const to = block?.to ?? lines.length;
      if (key === undefined) return from + 1;
      const at = keyLine(key, from, to);
      if (at < 0) return from + 1;
      const end = nextKey(lines, isText, at + 1, to);
      const found = value === undefined ? -1 : lines.findIndex((line, i) => i >= at && i < end && says(line, value));
      return (found < 0 ? at : found) + 1;
    },
  };
}

/** Basic strings escape quotes and backslashes, literal strings do not. */
function says(line: string, value: string): boolean {
  return line.includes(value) || line.includes(JSON.stringify(value).slice(1, -1));
}

function nextKey(lines: readonly string[], isText: readonly boolean[], from: number, to: number): number {
  const next = lines.findIndex((line, i) => i >= from && i < to && !isText[i] && KEY.test(line));
  return next < 0 ? to : next;
}

function readBlocks(lines: readonly string[], isText: readonly boolean[]): Block[] {
  const heads = lines.flatMap((line, from) => {
    const table = isText[from] ? undefined : HEADER.exec(line)?.[1];
    return table === undefined ? [] : [{ table, from }];
  });
  return heads.map((head, i) => ({ ...head, to: heads[i + 1]?.from ?? lines.length }));
}

/** Whether a line begins inside a text of several lines, where nothing is a table or a key. */
function linesInTexts(lines: readonly string[]): boolean[] {
  let quotes: string | null = null;
  return lines.map((line) => {
    const inside = quotes !== null;
    for (const [mark] of line.matchAll(/"""|'''/g)) {
      if (quotes === null) quotes = mark;
      else if (quotes === mark) quotes = null;
    }
    return inside;
  });
}
