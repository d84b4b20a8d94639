/**
 * Amazon SES tells by SNS in JSON, which SNS passes on as mail: documented fields of bounces, delays and deliveries
 * (https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html). Complaints are not read here.
 */
import { readReply } from "../../bounce/read-reply.ts";
import type { InboundMail, RecipientReport, ReportAction } from "../reading.ts";
import { MAX_ANSWER, MAX_CHARS, MAX_RECIPIENTS, type Notice, type NoticeKind } from "./notice.ts";

type Json = { readonly [name: string]: unknown };

/** What is told, in which field, with which list of recipients. */
const KINDS: Readonly<Record<string, readonly [field: string, list: string, kind: NoticeKind, action: ReportAction]>> =
  {
    Bounce: ["bounce", "bouncedRecipients", "bounce", "failed"],
    Delivery: ["delivery", "recipients", "success", "delivered"],
    DeliveryDelay: ["deliveryDelay", "delayedRecipients", "delayed", "delayed"],
  };

export function readAmazonSns(mail: InboundMail): Notice | null {
  const text = mail.parts.find(({ type }) => type === "text/plain" || type === "application/json")?.text ?? "";
  if (!/^\s{0,20}\{/.test(text)) return null;
  const told = parsed(text.slice(0, MAX_CHARS));
  if (told === null) return null;
  const [field, list, kind, action] = KINDS[stringOf(told.notificationType ?? told.eventType)] ?? [];
  if (field === undefined || list === undefined || kind === undefined || action === undefined) return null;
  const details = objectOf(told[field]);
  const recipients = Array.isArray(details[list]) ? (details[list] as unknown[]) : [];
  return {
    format: "amazon-sns",
    kind,
    reports: recipients.slice(0, MAX_RECIPIENTS).map((recipient) => reportOf(recipient, details, action)),
    returned: returnedOf(objectOf(told.mail)),
  };
}

/** The JSON is followed by lines about the subscription, and lines of mail may have broken its strings. */
function parsed(text: string): Json | null {
  const end = text.lastIndexOf("}") + 1;
  const body = text.slice(0, text.search(/\n-- ?\n/) < 0 ? end : text.search(/\n-- ?\n/));
  try {
    const told = objectOf(JSON.parse(body.replace(/\n/g, "")));
    return typeof told.Message === "string" ? objectOf(JSON.parse(told.Message)) : told;
  } catch {
    return null;
  }
}

function reportOf(recipient: unknown, details: Json, action: ReportAction): RecipientReport {
  const fields = typeof recipient === "string" ? { emailAddress: recipient } : objectOf(recipient);
  const diagnostic = (stringOf(fields.diagnosticCode) || stringOf(details.smtpResponse)).replace(
    /^[a-z0-9-]{1,20}; ?/i,
    "",
  );
  const kinds = [details.bounceType, details.bounceSubType, details.delayType]
    .map(stringOf)
    .filter((each) => each !== "");
  const text = diagnostic || kinds.join(" ");
  const read = readReply(diagnostic);
  const address = stringOf(fields.emailAddress).replace(/^.*<([^<>]{1,320})>\s*$/, "$1");
  const mx =
    stringOf(details.remoteMtaIp) === ""
      ? null
      : (/^[^;]*; ?([\w.-]+)/.exec(stringOf(details.reportingMTA))?.[1] ?? null);
  return {
    address: address === "" ? null : address,
    original: null,
    action,
    answer: {
      stage: "async",
      code: read.code,
      enhanced: read.enhanced ?? /^[245]\.\d{1,3}\.\d{1,3}$/.exec(stringOf(fields.status))?.[0] ?? null,
      text: text.replace(/\s+/g, " ").slice(0, MAX_ANSWER),
      mx: action === "delivered" ? mx : null,
    },
  };
}

/** `mail.headers` is a list of names and values; each in one line, so that nobody can write a field of their own. */
function returnedOf(mail: Json): string {
  const headers = Array.isArray(mail.headers) ? (mail.headers as unknown[]).map(objectOf) : [];
  const lines = headers.map((each) => `${stringOf(each.name)}: ${stringOf(each.value)}`.replace(/\s+/g, " "));
  if (lines.some((line) => /^message-id:/i.test(line))) return lines.join("\n");
  const common = objectOf(mail.commonHeaders);
  const id = stringOf(common.messageId);
  return [...lines, ...(id === "" ? [] : [`Message-ID: ${id.replace(/\s+/g, " ")}`])].join("\n");
}

function objectOf(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function stringOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
