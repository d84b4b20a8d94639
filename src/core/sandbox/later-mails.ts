/** Which mails come back for a message, to whom and from whom. Text in, text out; characters above 127 are octets. */
import { challenge, fieldOf, jmrpComplaint, vacationNote, wish } from "./answers.ts";
import {
  delayedNotice,
  exchangeNotice,
  eximNotice,
  frenchNotice,
  qmailNotice,
  unclearNotice,
  x400Notice,
} from "./notices.ts";
import type { Report } from "./plan.ts";
import { bounceReport, complaintReport, complaintSender, type Reported } from "./reports.ts";

export type LaterMail = {
  /** Empty: the null return path. */
  readonly from: string;
  readonly to: string;
  readonly text: string;
};

/** None where there is nobody to write to. */
export function laterMails(report: Report, message: Reported): readonly LaterMail[] {
  const { returnPath, recipient } = message;
  const back = (text: string, to = returnPath): LaterMail[] => [{ from: "", to, text }];
  switch (report) {
    case "bounce":
      return back(bounceReport(message));
    case "twice":
      return [...back(bounceReport(message)), ...back(bounceReport(message))];
    case "delayed":
      return back(delayedNotice(message));
    case "qmail":
      return back(qmailNotice(message));
    case "exim":
      return back(eximNotice(message));
    case "exchange":
      return back(exchangeNotice(message));
    case "x400":
      return back(x400Notice(message));
    case "french":
      return back(frenchNotice(message));
    case "unclear":
      return back(unclearNotice(message));
    case "no-verp": {
      const to = withoutTag(returnPath);
      return back(bounceReport({ ...message, returnPath: to }), to);
    }
    case "forged": {
      const to = withoutTag(returnPath);
      return back(bounceReport({ ...message, returnPath: to, head: withForgedTags(message.head) }), to);
    }
    case "foreign": {
      const to = withoutTag(returnPath);
      return back(bounceReport({ ...message, returnPath: to, head: foreignHead(message) }), to);
    }
    case "complaint":
      return [{ from: complaintSender(recipient), to: returnPath, text: complaintReport(message) }];
    case "jmrp":
      return [{ from: complaintSender(recipient), to: returnPath, text: jmrpComplaint(message) }];
    case "vacation":
      return [{ from: recipient, to: returnPath, text: vacationNote(message) }];
    case "challenge":
      return [{ from: recipient, to: returnPath, text: challenge(message) }];
    case "wish":
      return wishes(message);
  }
}

/** `local+TAG@domain` as somebody writes who does not know the tag. */
function withoutTag(address: string): string {
  return address.replace(/\+[^+@]{1,64}@/, "@");
}

/** In every tag one letter is another: as long, as ours looks, and signed by nobody. */
function withForgedTags(head: string): string {
  const other = (letter: string) => (letter === "a" ? "b" : "a");
  return head
    .replace(
      /^(Message-ID: <[^@>\r\n]{1,200})([^@>\r\n])@/im,
      (_, before: string, last: string) => `${before}${other(last)}@`,
    )
    .replace(
      /^(Feedback-ID: [^:\r\n]{1,64}:[^:\r\n]{1,64}:[^:\r\n]{0,64})([^:\r\n]):/im,
      (_, before: string, last: string) => `${before}${other(last)}:`,
    )
    .replace(/^(?:List-Unsubscribe|Return-Path):[^\r\n]*(?:\r\n[ \t][^\r\n]*)*\r\n/gim, "");
}

/** A message of some other program to the same recipient. */
function foreignHead({ id, recipient }: Reported): string {
  return [
    "From: Somebody else <news@elsewhere.example>",
    `To: <${recipient}>`,
    "Subject: Something else",
    `Message-ID: <4711.${id}@elsewhere.example>`,
  ].join("\r\n");
}

/** RFC 2369 §3.2: the addresses stand in order of preference; here somebody prefers to write. */
function wishes(message: Reported): readonly LaterMail[] {
  const [, address = "", query = ""] =
    /<mailto:([^?>]{1,500})\??([^>]{0,500})>/i.exec(fieldOf(message.head, "list-unsubscribe").replace(/[ \t]/g, "")) ??
    [];
  if (address === "") return [];
  const to = unescaped(address);
  const [, subject = "unsubscribe"] = /(?:^|&)subject=([^&]{1,200})/i.exec(query) ?? [];
  return [{ from: message.recipient, to, text: wish({ ...message, returnPath: to }, unescaped(subject)) }];
}

/** Percent signs to octets (RFC 6068 §2); line ends would make header fields. */
function unescaped(text: string): string {
  return text
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/[\r\n]/g, " ");
}
