/** Complaints that Amazon SES has sent by mail as JSON: https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html */
import type { MailPart } from "./reading.ts";

type JsonComplaint = {
  readonly type: string;
  readonly recipients: readonly string[];
  readonly messageId: string | null;
};

const MAX_CHARS = 128_000;

export function readJsonComplaint(parts: readonly MailPart[]): JsonComplaint | null {
  for (const { type, text } of parts) {
    if (!type.startsWith("text/") || !text.includes("complainedRecipients")) continue;
    const outer = parse(text.slice(0, MAX_CHARS));
    // SNS wraps the notification as text in its own.
    const wrapped = recordOf(outer)?.["Message"];
    const json = typeof wrapped === "string" ? parse(wrapped) : outer;
    const complaint = recordOf(recordOf(json)?.["complaint"]);
    if (complaint === null) continue;
    const list = complaint["complainedRecipients"];
    const given = Array.isArray(list) ? list.slice(0, 100).map((each) => recordOf(each)?.["emailAddress"]) : [];
    const feedback = complaint["complaintFeedbackType"];
    const id = recordOf(recordOf(json)?.["mail"])?.["messageId"];
    return {
      type: typeof feedback === "string" ? feedback.toLowerCase() : "abuse",
      recipients: given.filter((each) => typeof each === "string"),
      messageId: typeof id === "string" ? id : null,
    };
  }
  return null;
}

/** Between the first brace and the last: notifications have a footer. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1).replaceAll("\n", " "));
  } catch {
    return null;
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
}
