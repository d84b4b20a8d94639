/** Whether a mail says, and says nothing but, that its writer wants no more. Whose wish it is, signed tags decide. */
import { plainTextOf } from "./notices/plain-text.ts";
import type { InboundMail } from "./reading.ts";
import { POLITE, WISHES } from "./wish-words.ts";

/** Longer texts say more than a wish. */
const LONGEST = 200;

/** The whole subject, or the first line of the text: a quoted message may say the word too. */
export function saysUnsubscribe(mail: InboundMail): boolean {
  const subject = mail.headers.find(({ name }) => name === "subject")?.value ?? "";
  const first = textOf(mail)
    .slice(0, 2000)
    .split("\n")
    .find((line) => line.trim() !== "");
  return isWish(subject) || isWish(first ?? "");
}

/** Nothing but words for it, with or without a please. */
function isWish(text: string): boolean {
  if (text.length > LONGEST) return false;
  // The Turkish capital I with a dot becomes two characters.
  const lower = text.normalize("NFC").toLowerCase().replaceAll("i\u0307", "i");
  const words = withoutMarks(lower.replaceAll("’", "'").replace(/\s+/g, " "));
  return WISHES.has(words) || WISHES.has(withoutPlease(words));
}

const MARKS = new Set(" .!,;:…。！，、·\"'«»„“”[]()¡\u200e\u200f");

function withoutMarks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && MARKS.has(text.charAt(start))) start++;
  while (end > start && MARKS.has(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

/** One word of courtesy before and one behind. */
function withoutPlease(words: string): string {
  const before = POLITE.find((word) => words.startsWith(word) && isApart(words, word.length, word));
  const rest = before === undefined ? words : withoutMarks(words.slice(before.length));
  const behind = POLITE.find((word) => rest.endsWith(word) && MARKS.has(rest.charAt(rest.length - word.length - 1)));
  return behind === undefined ? rest : withoutMarks(rest.slice(0, -behind.length));
}

/** Chinese has no blanks between words. */
function isApart(words: string, at: number, word: string): boolean {
  return word.length === 1 || MARKS.has(words.charAt(at));
}

function textOf(mail: InboundMail): string {
  const plain = mail.parts.find(({ type }) => type === "text/plain");
  if (plain !== undefined && plain.text.trim() !== "") return plain.text;
  const html = mail.parts.find(({ type }) => type === "text/html");
  return html === undefined ? "" : plainTextOf(html.text.slice(0, 20_000));
}
