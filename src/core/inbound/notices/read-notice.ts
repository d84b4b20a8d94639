/**
 * The judgement over a notice of anybody: who writes and what it says must agree before a mail is taken for one, because whatever
 * says "could not be delivered" in a newsletter, a discussion or an alert changes nothing.
 */
import { assertNever } from "../../never.ts";
import type { Envelope, InboundMail, RecipientReport } from "../reading.ts";
import { findAddresses } from "./find-addresses.ts";
import { formatOf } from "./format.ts";
import { type HumanText, humanTextOf } from "./human-text.ts";
import type { Notice } from "./notice.ts";
import { linesOf } from "./lines.ts";
import { type Said, whatItSays } from "./notice-kind.ts";
import { phrasesOf } from "./phrases.ts";
import { oneLine, worthOf } from "./read-answer.ts";
import { actionOf, type HumanReading, readNoticeText } from "./read-human-text.ts";
import { splitOriginal } from "./split-original.ts";
import { isAwayNote, isForwarded, type Writer, writerOf } from "./who-writes.ts";

export function readGenericNotice(mail: InboundMail, envelope: Envelope | null): Notice | null {
  const writer = writerOf(mail, envelope);
  if (writer === "never") return null;
  const subject = valueOf(mail, "subject");
  const isPlain = (writer === "person" || writer === "program") && !isAboutDelivery(phrasesOf(subject));
  if (isPlain) return null;
  const human = humanTextOf(mail);
  return judge(mail, writer, subject, isForwarded(subject) ? unquoted(human) : human);
}

function unquoted({ text, returned }: HumanText): HumanText {
  return { text: text.replace(/^(?:> ?){1,4}(?!>>)/gm, ""), returned };
}

function judge(mail: InboundMail, writer: Writer, subject: string, human: HumanText): Notice | null {
  const { notice } = splitOriginal(linesOf(human.text));
  const said = whatItSays(subject, notice);
  const failed = findAddresses(valueOf(mail, "x-failed-recipients").slice(0, 50_000)).map(({ address }) => address);
  const senders = sendersOf(mail, human.returned);
  const kind = said.kind ?? "bounce";
  const reading = readNoticeText(human.text, { failed, senders, kind });
  if (!isNotice(writer, subject, said, reading, human)) return null;
  const named = reading.reports.length > 0 ? reading.reports : fromOriginal(human, kind, senders);
  const reports = named.map((report) => withSubject(report, subject));
  return { format: formatOf(mail, human.text), kind: kindOfReports(kind, reports), reports, returned: human.returned };
}

function isNotice(writer: Writer, subject: string, said: Said, reading: HumanReading, human: HumanText): boolean {
  const says = said.kind !== null;
  const isQuoting = reading.reports.some(({ answer }) => answer.code !== null || answer.enhanced !== null);
  const isSure = reading.isNamed === "surely";
  switch (writer) {
    case "daemon":
      return (
        says ||
        isQuoting ||
        (isSure && human.returned !== "") ||
        (reading.isNamed !== "not" && said.inText.has("reason"))
      );
    case "postmaster":
      return isSure
        ? says || isQuoting
        : says && (human.returned !== "" || (saysSubject(said) && reading.isNamed !== "not"));
    case "null-path":
      if (isAwayNote(subject) || (said.kind === "success" && human.returned === "")) return false;
      return (
        says &&
        (saysSubject(said) || human.returned !== "" || isQuoting) &&
        (reading.isNamed !== "not" || human.returned !== "")
      );
    case "program":
      return saysSubject(said) && isSure && (isQuoting || human.returned !== "");
    case "person":
      return saysSubject(said) && isSure && human.returned !== "" && isQuoting;
    case "never":
      return false;
    default:
      return assertNever(writer);
  }
}

function saysSubject({ inSubject }: Said): boolean {
  return isAboutDelivery(inSubject);
}

function isAboutDelivery(said: Said["inSubject"]): boolean {
  return said.has("failed") || said.has("delayed") || said.has("success");
}

/** Some say why in the subject only: `Returned mail: User unknown`. */
function withSubject(report: RecipientReport, subject: string): RecipientReport {
  const { answer } = report;
  if (answer.code !== null || worthOf(answer.text) >= 1) return report;
  const text = worthOf(subject) >= 2 || answer.text === "" ? oneLine(subject) : answer.text;
  return { ...report, answer: { ...answer, text } };
}

/** Fields among the words can say better than the words whether it is over. */
function kindOfReports(kind: Notice["kind"], reports: Notice["reports"]): Notice["kind"] {
  const [first] = reports;
  if (first === undefined) return kind;
  if (reports.some(({ action }) => action === "failed")) return "bounce";
  if (reports.some(({ action }) => action === "delayed")) return "delayed";
  return "success";
}

/** It names nobody: it is for whom the message was for, if that was one. */
function fromOriginal(
  { text, returned }: HumanText,
  kind: Notice["kind"],
  senders: readonly string[],
): Notice["reports"] {
  const to = findAddresses(fieldOf(returned, "to").slice(0, 2000)).filter(
    ({ address }) => !senders.includes(address.toLowerCase()),
  );
  const [first] = to;
  if (first === undefined || to.length > 1) return [];
  const reading = readNoticeText(text, { failed: [first.address], kind });
  return reading.reports.map((report) => ({ ...report, action: actionOf(kind) }));
}

/** Who sent the message cannot be who did not get it: to whom the notice came, and who wrote the original. */
function sendersOf(mail: InboundMail, returned: string): string[] {
  const to = new Set(findAddresses(fieldOf(returned, "to").slice(0, 5000)).map(({ address }) => address.toLowerCase()));
  const texts = [
    valueOf(mail, "to"),
    valueOf(mail, "from"),
    valueOf(mail, "delivered-to"),
    valueOf(mail, "x-original-to"),
    fieldOf(returned, "from"),
    fieldOf(returned, "return-path"),
    fieldOf(returned, "sender"),
    fieldOf(returned, "reply-to"),
    fieldOf(returned, "errors-to"),
  ];
  const addresses = texts
    .flatMap((text) => findAddresses(text.slice(0, 5000)))
    .map(({ address }) => address.toLowerCase());
  return [...new Set(addresses)].filter((address) => !to.has(address));
}

function valueOf(mail: InboundMail, name: string): string {
  return mail.headers.find((header) => header.name === name)?.value ?? "";
}

/** Of a header as text; folded lines in one. */
function fieldOf(header: string, name: string): string {
  const lines = header.split("\n");
  const at = lines.findIndex((line) => line.toLowerCase().startsWith(`${name}:`));
  if (at < 0) return "";
  const folded = lines.slice(at + 1).findIndex((line) => !/^[ \t]/.test(line));
  return lines
    .slice(at, folded < 0 ? undefined : at + 1 + folded)
    .join(" ")
    .slice(name.length + 1)
    .trim();
}
