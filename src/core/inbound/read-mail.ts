/**
 * What a received mail says, by the surest sign first: the part for machines of a report (RFC 3464) or complaint (RFC 5965), then
 * what its header says of itself, then the words of notices, then those of people. Nothing certain: `other`, which is harmless.
 */
import { type AutoReply, isFromNobody, isProgram, readAutoReply } from "./auto-reply.ts";
import { readDeliveryStatus } from "./delivery-status.ts";
import { readFeedback, reportsOf } from "./feedback.ts";
import { completeReports } from "./complete-reports.ts";
import { findAddresses } from "./notices/find-addresses.ts";
import type { HumanText } from "./notices/human-text.ts";
import { humanTextOf, readNotice } from "./notices/index.ts";
import { writerOf } from "./notices/who-writes.ts";
import type { Envelope, InboundMail, InboundReading, MailKind, RecipientReport } from "./reading.ts";
import { readReturned, returnedFrom } from "./returned.ts";
import { saysUnsubscribe } from "./wish.ts";

const NOTHING = { recipients: [], envelopeId: null, returned: null, format: null } as const;

export function readMail(mail: InboundMail, envelope: Envelope): InboundReading {
  return (
    readReport(mail) ??
    readComplaint(mail) ??
    readWish(mail, envelope) ??
    readWordsOfPrograms(mail, envelope) ?? { ...NOTHING, kind: "other" }
  );
}

/** RFC 3464. Several parts with fields, as some gateways attach, are one report. */
function readReport(mail: InboundMail): InboundReading | null {
  const parts = mail.parts.filter(({ type }) => /^message\/(?:global-)?delivery-status$/.test(type));
  const given = (parts.length > 0 ? parts : wrongTypes(mail)).map(({ text }) => readDeliveryStatus(text));
  const reports = given.flatMap((status) => status.reports);
  if (reports.length === 0) return null;
  const human = humanTextOf(mail);
  const recipients = completeReports(mail, human, reports);
  return {
    kind: kindOf(recipients),
    recipients,
    envelopeId: given.find(({ envelopeId }) => envelopeId !== null)?.envelopeId ?? null,
    returned: returnedOf(mail, human),
    format: "rfc3464",
  };
}

/** Reports whose part has the type of plain data or text; they consist of fields from their beginning on. */
function wrongTypes(mail: InboundMail): InboundMail["parts"] {
  const isReport = mail.headers.some(
    ({ name, value }) => name === "content-type" && /^\s{0,10}multipart\/report\b/i.test(value),
  );
  if (!isReport) return [];
  return mail.parts.filter(
    ({ type, text }) =>
      /^(?:text\/plain|application\/octet-stream|message\/[a-z-]{0,20}delivery-status)$/.test(type) &&
      /^\s{0,20}(?:reporting-mta|(?:final|original)-recipient)[ \t]?:/i.test(text) &&
      /^(?:final|original)-recipient[ \t]?:/im.test(text),
  );
}

/** One that failed makes it a bounce, whatever became of the others. */
function kindOf(reports: readonly RecipientReport[]): MailKind {
  if (reports.some(({ action }) => action === "failed")) return "bounce";
  return reports.some(({ action }) => action === "delayed") ? "delayed" : "success";
}

function returnedOf(mail: InboundMail, { returned }: HumanText): InboundReading["returned"] {
  return readReturned(mail) ?? (returned === "" ? null : returnedFrom(returned));
}

function readComplaint(mail: InboundMail): InboundReading | null {
  const feedback = readFeedback(mail);
  if (feedback === null) return null;
  const { type, format, envelopeId, returned } = feedback;
  // That something was taken for spam and is none (RFC 6430) is nobody's complaint.
  if (type === "not-spam") return { ...NOTHING, kind: "other", format };
  return { kind: "complaint", recipients: reportsOf(feedback), envelopeId, returned, format };
}

/** Notices of mail systems and answers of programs look alike from outside: what is surely an answer is no bounce. */
function readWordsOfPrograms(mail: InboundMail, envelope: Envelope): InboundReading | null {
  const answer = readAutoReply(mail, envelope);
  if (answer?.isSure && !isFromMailSystem(mail, envelope)) return autoReply(mail, answer);
  const notice = readNotice(mail, envelope);
  if (notice !== null) {
    const { kind, reports, returned, format } = notice;
    const given = readReturned(mail) ?? (returned === "" ? null : returnedFrom(returned));
    return { kind, recipients: reports, envelopeId: null, returned: given, format };
  }
  return answer === null ? null : autoReply(mail, answer);
}

/** Their notices are `auto-replied` with some, and must be read first. */
function isFromMailSystem(mail: InboundMail, envelope: Envelope): boolean {
  const writer = writerOf(mail, envelope);
  return writer === "daemon" || writer === "postmaster";
}

function autoReply(mail: InboundMail, { format }: AutoReply): InboundReading {
  const text = mail.headers.find(({ name }) => name === "subject")?.value.slice(0, 500) ?? "";
  return { ...NOTHING, kind: "auto-reply", recipients: answererOf(mail, text), format };
}

/** Who wrote, or in whose name it was written. Nothing is known to have failed. */
function answererOf(mail: InboundMail, text: string): RecipientReport[] {
  const fields = ["from", "reply-to", "sender", "return-path"];
  const values = fields.flatMap((field) => mail.headers.filter(({ name }) => name === field).map(({ value }) => value));
  const address = values.flatMap((value) => findAddresses(value.slice(0, 2000)).slice(-1))[0]?.address;
  const answer = { stage: "async", code: null, enhanced: null, text, mx: null } as const;
  return address === undefined ? [] : [{ address, original: null, action: "delayed", answer }];
}

/** Of a person, or of a mail program for its user. A notice that keeps the subject of the original is none. */
function readWish(mail: InboundMail, envelope: Envelope): InboundReading | null {
  if (isProgram(mail) || isFromNobody(mail, envelope) || isFromMailSystem(mail, envelope) || !saysUnsubscribe(mail))
    return null;
  return { ...NOTHING, kind: "unsubscribe", recipients: answererOf(mail, ""), format: null };
}
