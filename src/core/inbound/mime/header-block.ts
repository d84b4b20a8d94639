/**
 * The header of a mail or of one of its parts (RFC 5322 §2.2), read cautiously: what is no field ends it, and of a giant one the
 * rest is passed over unread.
 */
import { lineAt } from "./lines.ts";

export type Field = {
  /** Lower case. */
  readonly name: string;
  /** Unfolded; bytes as they came, nothing decoded. */
  readonly value: string;
};

export type HeaderBlock = {
  readonly fields: readonly Field[];
  /** Where the body begins. */
  readonly bodyAt: number;
  /** Lines looked at. */
  readonly steps: number;
};

/** No mail program writes more; hostile ones do. Characters for one value and for all of them. */
export const MAX_FIELDS = 500;
export const MAX_VALUE = 16_000;
export const MAX_HEADER = 256_000;

const FIELD = /^([!-9;-~]{1,100})[ \t]{0,20}:/;
/** An mbox separator, at the top of a file or left there by a delivery agent. */
const MBOX = /^>?From /;

type Growing = { readonly name: string; readonly pieces: string[] };

export function readHeaderBlock(bytes: string, from: number, end: number): HeaderBlock {
  const found: Growing[] = [];
  const finish = (bodyAt: number) => ({ fields: found.map(joined), bodyAt, steps });
  let at = from;
  let steps = 0;
  let taken = 0;
  while (at < end) {
    const { stop, next } = lineAt(bytes, at, end);
    steps++;
    const line = bytes.slice(at, Math.min(stop, at + MAX_VALUE));
    if (isSeparator(line, from === 0) && next > stop) return finish(next);
    const last = found.at(-1);
    if (last && /^[ \t]/.test(line)) {
      if (taken < MAX_HEADER) last.pieces.push(line.trim());
    } else {
      const field = FIELD.exec(line);
      if (field?.[1] !== undefined) {
        const isRoom = found.length < MAX_FIELDS && taken < MAX_HEADER;
        if (isRoom) found.push({ name: field[1].toLowerCase(), pieces: [line.slice(field[0].length).trim()] });
      } else if (found.length > 0 || !MBOX.test(line)) {
        // A part that begins with its text, or a body that follows without a blank line.
        return finish(at);
      }
    }
    taken += line.length + 1;
    at = next;
  }
  return finish(end);
}

/** At the top a line of blanks is the rest of a field that was folded badly; in parts it is meant as an empty one. */
function isSeparator(line: string, isTop: boolean): boolean {
  return line === "" || (!isTop && line.trim() === "");
}

function joined({ name, pieces }: Growing): Field {
  return { name, value: pieces.join(" ").trim().slice(0, MAX_VALUE) };
}

/** Of a name that is there twice the first counts. */
export function fieldOf(fields: readonly Field[], name: string): string | null {
  return fields.find((field) => field.name === name)?.value ?? null;
}
