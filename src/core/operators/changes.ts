/**
 * What a change changed: two states of a thing, as the API shows them, compared value by value. For the audit log: secrets are
 * named and never shown, long texts are cut, and what merely counts or dates the change is left out.
 */

/** `pointer`: RFC 6901. A side that is missing was not there. */
export type Change = { readonly pointer: string; readonly before?: unknown; readonly after?: unknown };

const MOST_CHANGES = 200;
const LONGEST_TEXT = 500;
const DEEPEST = 12;

/** Names of fields whose values open something. */
const SECRET =
  /pass(?:word|phrase)|secret|token|invitation|recoverycodes|credential|privatekey|apikey|authorization|^code$|^pem$/i;
const HIDDEN = "(secret)";

/** They change with every change and say nothing about it. */
const INCIDENTAL = new Set(["version", "updatedAt", "modifiedAt"]);

export function changesBetween(before: unknown, after: unknown): readonly Change[] {
  const found: Change[] = [];
  compare(before, after, "", 0, found);
  return found.slice(0, MOST_CHANGES);
}

function compare(before: unknown, after: unknown, pointer: string, depth: number, found: Change[]): void {
  if (found.length > MOST_CHANGES || isSame(before, after)) return;
  if (depth < DEEPEST && isRecord(before) && isRecord(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      if (depth === 0 && INCIDENTAL.has(key)) continue;
      const place = `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      const [was, is] = [own(before, key), own(after, key)];
      if (SECRET.test(key)) {
        if (!isSame(was, is)) found.push(sides(place, was && HIDDEN, is && HIDDEN));
      } else compare(was, is, place, depth + 1, found);
    }
    return;
  }
  found.push(sides(pointer, before, after));
}

function sides(pointer: string, before: unknown, after: unknown): Change {
  return {
    pointer,
    ...(before === undefined ? {} : { before: withoutSecrets(before) }),
    ...(after === undefined ? {} : { after: withoutSecrets(after) }),
  };
}

/** The same value with its secrets hidden, its texts and lists cut. */
export function withoutSecrets(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return cut(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= DEEPEST) return "(deeper)";
  if (Array.isArray(value)) {
    const shown = value.slice(0, MOST_CHANGES).map((item) => withoutSecrets(item, depth + 1));
    return value.length > shown.length ? [...shown, `(${value.length - shown.length} more)`] : shown;
  }
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MOST_CHANGES)
      .map(([key, item]) => [key, SECRET.test(key) && item !== null ? HIDDEN : withoutSecrets(item, depth + 1)]),
  );
}

function cut(text: string): string {
  if (text.length <= LONGEST_TEXT) return text;
  return `${text.slice(0, LONGEST_TEXT).toWellFormed()}… (${text.length} characters)`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function own(record: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
