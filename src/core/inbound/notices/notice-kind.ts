/** Whether a notice says that somebody gave up, still tries, or delivered. Its own words count, never those of the message. */
import type { Phrase } from "./phrase-tables.ts";
import type { NoticeKind } from "./notice.ts";
import { phrasesOf } from "./phrases.ts";
import { findReply } from "./read-answer.ts";

export type Said = {
  readonly kind: NoticeKind | null;
  readonly inSubject: ReadonlySet<Phrase>;
  readonly inText: ReadonlySet<Phrase>;
};

const MAX_PARAGRAPHS = 60;
const SENTENCE_END = /(?<=[.!?])\s+|(?<=[。！？])/;
/** "If it fails permanently you will be told" ends nothing. */
const CONDITION =
  /\b(?:if|when|unless|until|eventually|wenn|falls|sollte|bis|si|lorsque|jusqu|cuando|hasta|quando|fino|até|als|indien|totdat|jeśli|gdy|dopóki)\b|если|когда|пока|場合|如果|경우/i;

export function whatItSays(subject: string, lines: readonly string[]): Said {
  const inSubject = phrasesOf(subject);
  const inText = new Set<Phrase>();
  for (const sentence of paragraphsOf(lines).flatMap((paragraph) => paragraph.split(SENTENCE_END))) {
    for (const phrase of phrasesOf(sentence)) {
      if (phrase !== "final" || !CONDITION.test(sentence)) inText.add(phrase);
    }
  }
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
    // A reply that is quoted speaks of the server's doings, not of the notice's.
    const reply = findReply(line);
    const own = (reply === null ? line : line.slice(0, reply.at)).trim();
    if (line.trim() !== "") current.push(own);
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
