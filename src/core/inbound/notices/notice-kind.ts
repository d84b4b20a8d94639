/** Whether a notice says that somebody gave up, still tries, or delivered. Its own words count, never those of the message. */
import type { Phrase } from "./phrase-tables.ts";
import type { NoticeKind } from "./notice.ts";
import { phrasesOf } from "./phrases.ts";

export type Said = {
  readonly kind: NoticeKind | null;
  readonly inSubject: ReadonlySet<Phrase>;
  readonly inText: ReadonlySet<Phrase>;
};

const MAX_PARAGRAPHS = 60;

export function whatItSays(subject: string, lines: readonly string[]): Said {
  const inSubject = phrasesOf(subject);
  const inText = new Set<Phrase>();
  for (const paragraph of paragraphsOf(lines)) for (const phrase of phrasesOf(paragraph)) inText.add(phrase);
  return { kind: kindOf(inSubject, inText), inSubject, inText };
}

function kindOf(inSubject: ReadonlySet<Phrase>, inText: ReadonlySet<Phrase>): NoticeKind | null {
  const both = (phrase: Phrase) => inSubject.has(phrase) || inText.has(phrase);
  if (both("delayed") && !both("final")) return "delayed";
  // "will be returned when we give up" does not end a delay that the subject announces.
  if (inSubject.has("delayed") && !inSubject.has("failed")) return "delayed";
  if (inSubject.has("success") && !inSubject.has("failed")) return "success";
  if (both("success") && !both("failed") && !both("final")) return "success";
  return both("failed") || both("final") ? "bounce" : null;
}

/** Lines that belong together, as one text: phrases go over the ends of lines. */
function paragraphsOf(lines: readonly string[]): string[] {
  const paragraphs: string[] = [];
  let current: string[] = [];
  for (const line of [...lines.slice(0, 500), ""]) {
    if (line.trim() !== "") current.push(line.trim());
    else if (current.length > 0) {
      paragraphs.push(joinLines(current));
      current = [];
      if (paragraphs.length >= MAX_PARAGRAPHS) break;
    }
  }
  return paragraphs;
}

/** Scripts without blanks between words go on without one. */
function joinLines(lines: readonly string[]): string {
  return lines.reduce((text, line) => (/[\u3000-\u9fff]$/.test(text) ? `${text}${line}` : `${text} ${line}`), "");
}
