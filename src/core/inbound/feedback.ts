/**
 * Complaints: a recipient, or whoever stands in for one, called a message spam. RFC 5965 reports; the form of Microsoft's JMRP
 * (the original attached to a plain mail); Amazon SES's notifications; plain mails of abuse desks with the original attached.
 */
import { readJsonComplaint } from "./json-complaint.ts";
import { type Field, fieldOf, readHeaderBlock } from "./mime/header-block.ts";
import { findAddresses } from "./notices/find-addresses.ts";
import { readReportAddress } from "./report-address.ts";
import { hasReturned, readReturned } from "./returned.ts";
import type { InboundMail, RecipientReport, Returned } from "./reading.ts";

export type Feedback = {
  readonly format: "arf" | "jmrp" | "ses" | "abuse-mail";
  /** RFC 5965 §3.1, lower case: `abuse`, `opt-out`, `auth-failure` …; `abuse` where the form has none. */
  readonly type: string;
  readonly recipients: readonly string[];
  readonly envelopeId: string | null;
  readonly returned: Returned | null;
};

/** A report may repeat Original-Rcpt-To; more than these are no complaint about one message. */
const MAX_RECIPIENTS = 100;

/**
 * Whether somebody does not want the mail. A report about failed authentication (RFC 6591) is for the owner of a domain, and one
 * about what is no spam praises: both must not cost anybody their address.
 */
export function isComplaintOfPerson(type: string): boolean {
  return !/^(?:auth-failure|dmarc|dkim|dkimf|spf|not-spam)/.test(type);
}

export function readFeedback(mail: InboundMail): Feedback | null {
  return readArf(mail) ?? readJmrp(mail) ?? readJson(mail) ?? readAbuseMail(mail);
}

function readArf(mail: InboundMail): Feedback | null {
  const fields = feedbackFields(mail);
  if (fields === null) return null;
  const returned = readReturned(mail);
  const named = [...valuesOf(fields, "original-rcpt-to"), ...valuesOf(fields, "removal-recipient")];
  const recipients = named.slice(0, MAX_RECIPIENTS).flatMap(addressesIn).filter(isShown);
  return {
    format: "arf",
    type: (fieldOf(fields, "feedback-type") ?? "abuse").toLowerCase().trim().slice(0, 40),
    recipients: recipients.length > 0 ? unique(recipients) : recipientsOf(returned),
    envelopeId: fieldOf(fields, "original-envelope-id"),
    returned,
  };
}

/** The part for machines, also where its type is wrong: then it must say what only such a part says. */
function feedbackFields(mail: InboundMail): readonly Field[] | null {
  const own = mail.parts.find(({ type }) => type === "message/feedback-report");
  if (own !== undefined) return fieldsOf(own.text);
  const isReport = valuesOf(mail.headers, "content-type").some((value) => /report-type\s?=\s?"?feedback/i.test(value));
  if (!isReport && !hasReturned(mail)) return null;
  for (const { type, text } of mail.parts) {
    if (!/^(?:text\/plain|application\/octet-stream)$/.test(type) || !/^feedback-type[ \t]?:/im.test(text)) continue;
    const fields = fieldsOf(text.slice(text.search(/^[a-z-]{1,30}[ \t]?:/im)));
    if (fieldOf(fields, "feedback-type") !== null && fieldOf(fields, "user-agent") !== null) return fields;
  }
  return null;
}

/** Groups with blank lines between, as in delivery reports, are one. */
function fieldsOf(text: string): readonly Field[] {
  const dense = text.trim().replace(/\n\s*\n/g, "\n");
  return readHeaderBlock(dense, 0, dense.length).fields;
}

/** https://sendersupport.olc.protection.outlook.com/snds/ (JMRP): the original attached, with a field for whom it went to. */
function readJmrp(mail: InboundMail): Feedback | null {
  const returned = readReturned(mail);
  if (returned === null) return null;
  const isMarked = fieldOf(returned.headers, "x-hmxmroriginalrecipient") !== null;
  const isFromStaff = valuesOf(mail.headers, "from").some((value) => /\bstaff@(?:hotmail|outlook)\.com\b/i.test(value));
  if (!isMarked && !isFromStaff) return null;
  return { format: "jmrp", type: "abuse", recipients: recipientsOf(returned), envelopeId: null, returned };
}

function readJson(mail: InboundMail): Feedback | null {
  const complaint = readJsonComplaint(mail.parts);
  if (complaint === null) return null;
  const { type, recipients, messageId } = complaint;
  const returned = messageId === null ? null : { messageId, headers: [] };
  return { format: "ses", type, recipients: recipients.filter(isShown), envelopeId: null, returned };
}

const DESK =
  /\b(?:staff|abuse|complaints?|feedback|feedback-?loop|fbl|fbl-?\w{1,30}|scomp|spam|antispam|spamreports?|noreply|no-reply|postmaster)@|@reports\.spamcop\.net/i;
const SAYS =
  /\b(?:e?-?mail feedback report|abuse report|spam (?:report|complaint)|complaint about (?:a )?message|client tos notification|feedback loop|reported as (?:spam|junk)|marked (?:it |this |your \w{1,20} )?as (?:spam|junk)|spamcop \()/i;

/** Both must say so: who writes, and the subject. A person's mail to an abuse desk is for a person to read. */
function readAbuseMail(mail: InboundMail): Feedback | null {
  const returned = readReturned(mail);
  if (returned === null) return null;
  const [subject = ""] = valuesOf(mail.headers, "subject");
  const isDesk = valuesOf(mail.headers, "from").some((value) => DESK.test(value.slice(0, 1000)));
  if (!isDesk || !SAYS.test(subject.slice(0, 500)) || /^\s*(?:re|fwd?|aw|wg)\s?:/i.test(subject)) return null;
  return { format: "abuse-mail", type: "abuse", recipients: recipientsOf(returned), envelopeId: null, returned };
}

/** Some put several into one field. */
function addressesIn(value: string): (string | null)[] {
  const found = findAddresses(value.slice(0, 10_000));
  return found.length > 1 ? found.map(({ address }) => address) : [readReportAddress(value)];
}

/** Who got the original, in the order of trust. Of several in one field nobody knows who complained. */
const RECIPIENT_FIELDS = [
  "x-hmxmroriginalrecipient",
  "x-rcpt-to",
  "x-envelope-to",
  "to",
  "x-original-to",
  "delivered-to",
  "envelope-to",
  "x-apparently-to",
];

function recipientsOf(returned: Returned | null): string[] {
  for (const name of RECIPIENT_FIELDS) {
    const value = fieldOf(returned?.headers ?? [], name) ?? "";
    const found = unique(findAddresses(value.slice(0, 2000)).map(({ address }) => address)).filter(isShown);
    if (found.length === 1) return found;
  }
  return [];
}

/** Some black out whom they speak of. */
function isShown(address: string | null): address is string {
  return address !== null && !/redact|undisclosed|hidden|removed|anonym|^[x*]{1,64}@|[*]{3}/i.test(address);
}

function valuesOf(fields: readonly Field[], name: string): string[] {
  return fields.filter((field) => field.name === name).map(({ value }) => value);
}

function unique(addresses: readonly string[]): string[] {
  const seen = new Map(addresses.map((address) => [address.toLowerCase(), address]));
  return [...seen.values()];
}

/** One for each recipient; without any there is nobody to protect. */
export function reportsOf({ type, recipients }: Feedback): RecipientReport[] {
  const answer = { stage: "async", code: null, enhanced: null, text: type, mx: null } as const;
  return recipients.map((address) => ({ address, original: null, action: "failed", answer }));
}
