/**
 * What a received mail asks of us. A wish to unsubscribe counts only when nobody could have sent it by accident: it is no bounce, no
 * automatic answer, it came to an address with a message's signed tag, and it came to the unsubscribe mailbox or says so itself.
 */
import { isFromNobody, isProgram } from "../../core/inbound/auto-reply.ts";
import { readMail } from "../../core/inbound/read-mail.ts";
import type { Envelope, InboundMail, InboundReading, RecipientReport } from "../../core/inbound/reading.ts";
import { readReturned } from "../../core/inbound/returned.ts";
import { saysUnsubscribe } from "../../core/inbound/wish.ts";

export type Reading =
  /** `tags`: of the messages it may be about, the surest first; whether they are ours is not known yet. */
  | { readonly kind: "unsubscribe"; readonly tags: readonly string[] }
  /** `tags`: as above; `isFinal`: nobody tries any more; `diagnostic`: in the words of the server that gave up. */
  | {
      readonly kind: "bounce";
      readonly tags: readonly string[];
      readonly isFinal: boolean;
      readonly diagnostic: string;
      /** What a report for machines says of each recipient; none: it has no such part. */
      readonly reports: readonly RecipientReport[];
      /** As `tags`, of the message that it gives back: everybody who had one like it can have made that up. */
      readonly returnedTags: readonly string[];
    }
  /** `why`: a word for logs and answers. */
  | { readonly kind: "other"; readonly why: "automatic" | "no-tag" | "no-wish" };

/** `mailbox`: the unsubscribe address of the platform, empty when there is none. */
export function readInbound(
  mail: InboundMail,
  envelope: Envelope,
  mailbox: string,
  reading: InboundReading = readMail(mail, envelope),
): Reading {
  if (isBounce(mail, envelope, reading)) return readBounce(mail, envelope, reading);
  if (isProgram(mail)) return { kind: "other", why: "automatic" };
  const tagged = recipients(mail, envelope).map(splitTag);
  if (tagged.length === 0) return { kind: "other", why: "no-tag" };
  const wanted = localPart(mailbox);
  const meant = saysUnsubscribe(mail) ? tagged : tagged.filter(({ base }) => base === wanted);
  if (meant.length === 0) return { kind: "other", why: "no-wish" };
  return { kind: "unsubscribe", tags: [...new Set(meant.map(({ tag }) => tag))] };
}

function values(mail: InboundMail, name: string): string[] {
  return mail.headers.filter((header) => header.name === name).map((header) => header.value);
}

/** Also what only looks like one (RFC 5321 §4.5.5: notifications come from the null return path): it must not unsubscribe. */
function isBounce(mail: InboundMail, envelope: Envelope, { kind }: InboundReading): boolean {
  if (kind === "bounce" || kind === "delayed" || kind === "success" || kind === "complaint") return true;
  if (isFromNobody(mail, envelope)) return true;
  if (values(mail, "content-type").some((value) => /^\s*multipart\/report\b/i.test(value))) return true;
  return values(mail, "from").some((value) => /\b(?:mailer-daemon|postmaster)@/i.test(value));
}

/** What nobody can read is taken for final: who only delays says so (RFC 3464 §2.3.3). */
function readBounce(mail: InboundMail, envelope: Envelope, reading: InboundReading): Reading {
  const [first] = reading.recipients;
  const isRead = reading.kind === "bounce" || reading.kind === "delayed" || reading.kind === "success";
  const isFinal =
    isRead && first !== undefined ? first.action === "failed" : reading.kind === "other" && !isAnswer(mail);
  return {
    kind: "bounce",
    tags: tagsOf(mail, envelope),
    isFinal,
    diagnostic: (isRead && first?.answer.text) || (values(mail, "subject")[0] ?? ""),
    reports: reading.format === "rfc3464" ? reading.recipients : [],
    returnedTags: returnedTags(reading.returned ?? readReturned(mail)),
  };
}

/** The tag ends the left side of our Message-ID (`messageIdOf`), and is the third field of our Feedback-ID. */
export function returnedTags(returned: InboundReading["returned"]): string[] {
  const id = returned?.messageId?.toLowerCase() ?? "";
  const left = /^([^@]{1,200})@/.exec(id)?.[1];
  const feedback = returned?.headers.find(({ name }) => name === "feedback-id")?.value ?? "";
  const field = /^\s*[^:]{0,64}:[^:]{0,64}:([a-z0-9]{1,64}):/i.exec(feedback)?.[1];
  return [
    ...(left === undefined ? [] : [left.slice(left.lastIndexOf(".") + 1)]),
    ...(field === undefined ? [] : [field]),
  ];
}

/** RFC 3834 §5: notifications are `auto-generated` or say nothing, answers are `auto-replied`. */
function isAnswer(mail: InboundMail): boolean {
  return values(mail, "auto-submitted").some((value) => /^\s*auto-replied\b/i.test(value));
}

const RECIPIENT_FIELDS = ["delivered-to", "x-original-to", "envelope-to", "to", "cc"];
/** Long lists of recipients are no unsubscriptions. */
const MAX_RECIPIENTS = 20;
const ADDRESS = /[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}\+[A-Za-z0-9._=-]{1,64}@[A-Za-z0-9.-]{1,253}/g;

/** Tags of whom it came to; whether they are ours is not known yet. */
export function tagsOf(mail: InboundMail, envelope: Envelope): string[] {
  return recipients(mail, envelope).map((address) => splitTag(address).tag);
}

/** Addresses that hold a tag, `local+TAG@domain`; the envelope is the surest and comes first. */
function recipients(mail: InboundMail, envelope: Envelope): string[] {
  const texts = [envelope.recipient ?? "", ...RECIPIENT_FIELDS.flatMap((name) => values(mail, name))];
  return texts.flatMap((text) => text.slice(0, 10_000).match(ADDRESS) ?? []).slice(0, MAX_RECIPIENTS);
}

function splitTag(address: string): { base: string; tag: string } {
  const local = localPart(address);
  const plus = local.lastIndexOf("+");
  return { base: local.slice(0, plus), tag: local.slice(plus + 1) };
}

/** Lower case: tags are, and no server tells mailboxes apart by case. */
function localPart(address: string): string {
  return address.slice(0, Math.max(0, address.lastIndexOf("@"))).toLowerCase();
}
