/**
 * What a received mail asks for. A wish to unsubscribe counts only when nobody could have sent it by accident: it is no bounce, no
 * automatic answer, it came to an address with a message's signed tag, and it came to the unsubscribe mailbox or says so itself.
 */
import { readReport, type RecipientReport } from "./read-report.ts";

/** As parsed; texts decoded, header names in lower case. */
export type InboundMail = {
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly subject: string;
  readonly text: string;
  /** The machine's part of a delivery report (RFC 3464), else empty. */
  readonly report: string;
  /** Header of the message that a report gives back, else empty. */
  readonly returned: string;
};

/** What the server that took the mail knows; null where it came through a pipe that does not say. */
export type Envelope = { readonly recipient: string | null; readonly returnPath: string | null };

export type Reading =
  /** `tags`: of the messages it may be about, the surest first; whether they are ours is not known yet. */
  | { readonly kind: "unsubscribe"; readonly tags: readonly string[] }
  /** `tags`: as above; `isFinal`: nobody tries any more; `diagnostic`: in the words of the server that gave up. */
  | {
      readonly kind: "bounce";
      readonly tags: readonly string[];
      readonly isFinal: boolean;
      readonly diagnostic: string;
      /** What a report says of each recipient; none: it is no report that a machine could read. */
      readonly reports: readonly RecipientReport[];
      /** As `tags`, of the message that it gives back: everybody who had one like it can have made that up. */
      readonly returnedTags: readonly string[];
    }
  /** `why`: a word for logs and answers. */
  | { readonly kind: "other"; readonly why: "automatic" | "no-tag" | "no-wish" };

/** `mailbox`: the unsubscribe address of the platform, empty when there is none. */
export function readInbound(mail: InboundMail, envelope: Envelope, mailbox: string): Reading {
  if (isBounce(mail, envelope)) return readBounce(mail, envelope);
  if (isAutomatic(mail)) return { kind: "other", why: "automatic" };
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

/** RFC 3464, and RFC 5321 §4.5.5: notifications come from the null return path. */
function isBounce(mail: InboundMail, envelope: Envelope): boolean {
  if (envelope.returnPath?.trim() === "") return true;
  if (values(mail, "return-path").some((value) => value.trim() === "<>")) return true;
  if (values(mail, "content-type").some((value) => /^\s*multipart\/report\b/i.test(value))) return true;
  return values(mail, "from").some((value) => /\b(?:mailer-daemon|postmaster)@/i.test(value));
}

/** Without a report for machines it is taken for final: who only delays says so in one (RFC 3464 §2.3.3). */
function readBounce(mail: InboundMail, envelope: Envelope): Reading {
  const tags = recipients(mail, envelope).map((address) => splitTag(address).tag);
  const field = (name: string) =>
    new RegExp(`^${name}:[ \\t]*([^\\r\\n]{1,1000})`, "im").exec(mail.report)?.[1]?.trim();
  const reports = readReport(mail.report);
  const [first] = reports;
  // What has a report is one, whatever else it says of itself: there are servers that send reports as `auto-replied`.
  const isFinal = first === undefined ? !isAnswer(mail) : first.word === "failed";
  const diagnostic = field("Diagnostic-Code") ?? field("Status") ?? mail.subject;
  return { kind: "bounce", tags, isFinal, diagnostic, reports, returnedTags: returnedTags(mail.returned) };
}

/** The tag ends the left side of our Message-ID (`messageIdOf`). */
function returnedTags(returned: string): string[] {
  const [header = ""] = returned.replace(/\r\n?/g, "\n").split("\n\n", 1);
  const left = /^message-id:\s{0,10}<?([^@<>\s]{1,200})@/im.exec(header)?.[1]?.toLowerCase();
  return left === undefined ? [] : [left.slice(left.lastIndexOf(".") + 1)];
}

/** RFC 3834 §5: notifications are `auto-generated` or say nothing, answers are `auto-replied`. */
function isAnswer(mail: InboundMail): boolean {
  return values(mail, "auto-submitted").some((value) => /^\s*auto-replied\b/i.test(value));
}

/** RFC 3834 §5, and what programs did before it. */
function isAutomatic(mail: InboundMail): boolean {
  if (values(mail, "auto-submitted").some((value) => !/^\s*no\s*(?:[;(]|$)/i.test(value))) return true;
  if (values(mail, "precedence").some((value) => /^\s*(?:auto[_-]?reply|bulk|junk)\b/i.test(value))) return true;
  return mail.headers.some(({ name }) => /^x-auto-?(?:reply|respond(?:er)?)$/.test(name));
}

const RECIPIENT_FIELDS = ["delivered-to", "x-original-to", "envelope-to", "to", "cc"];
/** Long lists of recipients are no unsubscriptions. */
const MAX_RECIPIENTS = 20;
const ADDRESS = /[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}\+[A-Za-z0-9._=-]{1,64}@[A-Za-z0-9.-]{1,253}/g;

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

const WISH =
  /^(?:please |s'il vous plaît |por favor,? )?(?:unsubscribe(?: me)?|stop|remove(?: me)?|opt[- ]?out|(?:se |me )?désabonner|(?:se |me )?désinscrire|désabonnement|désinscription|désinscrivez-moi|désabonnez-moi|baja|(?:darme|darse) de baja|cancelar (?:la )?suscripción)(?: please| s'il vous plaît| por favor)?[.!]*$/i;

/** The whole subject, or the first line of the text: a quoted message may say the word too. */
function saysUnsubscribe(mail: InboundMail): boolean {
  const first =
    mail.text
      .slice(0, 2000)
      .split(/\r\n|\r|\n/)
      .find((line) => line.trim() !== "") ?? "";
  return [mail.subject, first].some((text) =>
    WISH.test(text.slice(0, 200).trim().normalize("NFC").replaceAll("’", "'")),
  );
}
