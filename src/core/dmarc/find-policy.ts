/**
 * Which DMARC policy counts for a domain and whose domain it is: the tree walk of RFC 9989 §4.10, which took the place of the list of public
 * suffixes of RFC 7489 §3.2. The answers at `walkNames` are asked for before.
 */
import { readTags } from "../dkim/tag-list.ts";

export type TextAnswer =
  | { readonly kind: "records"; readonly records: readonly string[] }
  | { readonly kind: "no-records" }
  | { readonly kind: "no-such-name" }
  /** Nobody answered: nothing is known. */
  | { readonly kind: "failed"; readonly detail: string };

/** What stands at `_dmarc.NAME`. */
export type DmarcAnswers = ReadonlyMap<string, TextAnswer>;

export type DmarcRecord = { readonly name: string; readonly text: string; readonly tags: ReadonlyMap<string, string> };

/** Longer names are cut, so that nobody is asked for ever (RFC 9989 §4.10). */
const MAX_WALK = 8;

/** The names whose `_dmarc` record is asked for, the domain's own first. */
export function walkNames(domain: string): string[] {
  const labels = domain.split(".");
  const above = labels.slice(Math.max(1, labels.length - MAX_WALK + 1));
  return [domain, ...above.map((_, index) => above.slice(index).join("."))];
}

const isDmarc = (text: string) => /^v\s*=\s*DMARC1\s*(;|$)/.test(text);

export function recordsAt(answers: DmarcAnswers, name: string): readonly string[] {
  const answer = answers.get(name);
  return answer?.kind === "records" ? answer.records.filter(isDmarc) : [];
}

/** Several at one name count as none. */
function recordAt(answers: DmarcAnswers, name: string): DmarcRecord | null {
  const [text, ...others] = recordsAt(answers, name);
  const tags = text === undefined || others.length > 0 ? null : readTags(text);
  return text === undefined || tags === null ? null : { name, text, tags };
}

/** The domain's own record, else that of its organisation, else that of the public suffix above (§4.10.1). */
export function findRecord(answers: DmarcAnswers, domain: string): DmarcRecord | null {
  const own = recordAt(answers, domain) ?? recordAt(answers, organisationOf(answers, domain));
  if (own !== null) return own;
  const suffix = walkNames(domain).find((name) => psdOf(answers, name) === "y");
  return suffix === undefined ? null : recordAt(answers, suffix);
}

function psdOf(answers: DmarcAnswers, name: string): string | undefined {
  return recordAt(answers, name)?.tags.get("psd")?.toLowerCase();
}

/** Whose domain it is (§4.10.2): two domains of one organisation are aligned in relaxed mode. */
export function organisationOf(answers: DmarcAnswers, domain: string): string {
  const names = walkNames(domain);
  let highest = domain;
  for (const [index, name] of names.entries()) {
    const psd = psdOf(answers, name);
    if (psd === "n") return name;
    if (psd === "y" && index > 0) return oneBelow(domain, name);
    if (recordAt(answers, name) !== null) highest = name;
  }
  return highest;
}

/** `a.b.example.com` one below `example.com` is `b.example.com`. */
function oneBelow(domain: string, above: string): string {
  return domain
    .split(".")
    .slice(-(above.split(".").length + 1))
    .join(".");
}

/** In strict mode only the same domain, in relaxed mode any of the same organisation (§3.2.10). */
export function isAligned(answers: DmarcAnswers, from: string, other: string, mode: AlignmentMode): boolean {
  if (from === other) return true;
  return mode === "relaxed" && organisationOf(answers, other) === organisationOf(answers, from);
}

export type AlignmentMode = "relaxed" | "strict";

export function modeOf(record: DmarcRecord, tag: "adkim" | "aspf"): AlignmentMode {
  return record.tags.get(tag)?.toLowerCase() === "s" ? "strict" : "relaxed";
}
