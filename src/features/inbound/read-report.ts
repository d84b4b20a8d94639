/**
 * A delivery report's part for machines (RFC 3464): fields of the whole message, then a group of fields for each recipient.
 * What it does not say stays unknown; nothing here believes it.
 */
import type { Word } from "../../core/delivery/final-word.ts";

export type RecipientReport = {
  /** Null: no action that RFC 3464 §2.3.3 knows. */
  readonly word: Word | null;
  /** Of whom it speaks, as it writes them: the recipient that was asked for, and where that led. */
  readonly recipients: readonly string[];
  /** In the words of the server that was talked to; without them the status code, else "". */
  readonly diagnostic: string;
  /** RFC 3463, as 5.1.1. */
  readonly status: string | null;
  /** Host that the report speaks of, lower case. */
  readonly mx: string | null;
};

/** `relayed`: to a system that reports no more; `expanded`: to a list. Both are the last that will be heard of success. */
const WORDS: ReadonlyMap<string, Word> = new Map([
  ["delivered", "delivered"],
  ["relayed", "delivered"],
  ["expanded", "delivered"],
  ["failed", "failed"],
  ["delayed", "delayed"],
]);

/** A report about more recipients than this is none of a message of ours. */
const MAX_GROUPS = 50;
const MAX_VALUE = 2000;

export function readReport(text: string): RecipientReport[] {
  const groups = text
    .replace(/\r\n?/g, "\n")
    .trim()
    .split(/\n[ \t]*\n\s*/, MAX_GROUPS + 1)
    .map(fieldsOf);
  return groups.filter((fields) => fields.has("action") || fields.has("final-recipient")).map(readGroup);
}

function readGroup(fields: ReadonlyMap<string, string>): RecipientReport {
  const status = /^[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)/.exec(fields.get("status") ?? "")?.[0] ?? null;
  const diagnostic = afterType(fields.get("diagnostic-code"));
  const recipients = ["original-recipient", "final-recipient"].map((name) => afterType(fields.get(name)));
  return {
    word: WORDS.get(/^[a-z]+/.exec((fields.get("action") ?? "").toLowerCase())?.[0] ?? "") ?? null,
    recipients: [...new Set(recipients.flatMap((given) => [given, fromXtext(given)]))].filter((each) => each !== ""),
    diagnostic: diagnostic || (status ?? ""),
    status,
    mx: afterType(fields.get("remote-mta")).toLowerCase() || null,
  };
}

/** Names in lower case, folded lines in one; of a name that is there twice the first counts. */
function fieldsOf(group: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of group.replace(/\n[ \t]+/g, " ").split("\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
    if (name !== "" && !fields.has(name))
      fields.set(
        name,
        line
          .slice(colon + 1)
          .trim()
          .slice(0, MAX_VALUE),
      );
  }
  return fields;
}

/** `rfc822; ada@one.example`, `smtp; 550 no`, `dns; mx.one.example`: what comes after the type. */
function afterType(value: string | undefined): string {
  return (value ?? "").replace(/^[A-Za-z0-9-]{1,30}[ \t]*;/, "").trim();
}

/** RFC 3461 §4: some report the recipient as they were asked for it, `ada+2Bshop@one.example`. */
function fromXtext(text: string): string {
  return text.replace(/\+([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
