/**
 * Whether a mail can be a notice at all: who writes it and what kind of mail it is. Programs that deliver mail write from the null
 * return path (RFC 5321 §4.5.5), as mailer-daemon or postmaster, and never to a list or in a thread.
 */
import { splitWords } from "../../bounce/words.ts";
import type { Envelope, InboundMail } from "../reading.ts";
import { findAddresses } from "./find-addresses.ts";
import { phrasesOf } from "./phrases.ts";

/**
 * `daemon`: only a mail system writes so. `postmaster`: a mail system, the person who looks after it,
 * or who calls himself so. `null-path`: some program.
 * `program`: says of itself that it is one. `person`: nothing says otherwise. `never`: a list, a thread or an answer.
 */
export type Writer = "daemon" | "postmaster" | "null-path" | "program" | "person" | "never";

const DAEMON =
  /^(?:mailer-?daemon|mail-?daemon|mail-?system|mdaemon|maildaemon|mmdf|ndr|mail-?er|daemon|mail\.daemon|mail-delivery|maildelivery|bounces?|double-bounce|qmailr?)$/;
const POSTMASTER =
  /^(?:post-?master|postmstr|administrator|sysadmin|system|mail-?admin|mta|smtpd?|mailer|microsoftexchange[0-9a-z]{1,64})$/;
const SYSTEM_NAMES: readonly (readonly string[])[] = [
  ["mail", "deliver"],
  ["mailer", "daemon"],
  ["mail", "delivery"],
  ["delivery", "subsystem"],
  ["delivery", "system"],
  ["delivery", "service"],
  ["delivery", "agent"],
  ["delivery", "status"],
  ["delivery", "notification"],
  ["internet", "mail"],
  ["system", "administrator"],
  ["systemadministrator"],
  ["microsoft", "outlook"],
  ["microsoft", "exchange"],
  ["mail", "administrator"],
  ["mail", "system"],
  ["mail", "router"],
  ["ndr", "administrator"],
  ["administrateur", "systeme"],
  ["administrador", "del", "sistema"],
  ["administrador", "do", "sistema"],
  ["amministratore", "di", "sistema"],
  ["systeembeheerder"],
  ["систем"],
  ["mailsystem"],
  ["mailserver"],
  ["mail", "server"],
  ["mail", "gateway"],
  ["smtp", "gateway"],
];

export function writerOf(mail: InboundMail, envelope: Envelope | null): Writer {
  const values = (name: string) => mail.headers.filter((header) => header.name === name).map(({ value }) => value);
  if (values("x-failed-recipients").length > 0) return "daemon";
  if (mail.headers.some(({ name }) => /^list-(?:id|unsubscribe|post)$/.test(name))) return "never";
  const from = values("from")[0] ?? "";
  const name = nameOf(from);
  const isAnswer = /^\s*(?:re|aw|sv|antw|odp|回复|答复) ?(?:\[\d+\])?[:：]/i.test(values("subject")[0] ?? "");
  if (isAnswer && (name === null || isPersonal(mail))) return "never";
  if (isReport(values("content-type")) || name === "daemon") return "daemon";
  const isNull =
    envelope?.returnPath?.trim() === "" ||
    values("return-path").some((value) => /^\s*(?:<\s*>|<?mailer-daemon>?)?\s*$/i.test(value));
  if (name === "postmaster") return isPersonal(mail) ? "person" : isNull ? "daemon" : "postmaster";
  if (isNull) return "null-path";
  return values("auto-submitted").some((value) => !/^\s*no\b/i.test(value)) ? "program" : "person";
}

/** What the sender's address or name says; null: of somebody else. */
function nameOf(from: string): "daemon" | "postmaster" | null {
  const address = findAddresses(from.slice(0, 2000))[0]?.address;
  const bare = /^\s*<?([\w.-]{1,60})>?\s*$/.exec(from)?.[1] ?? "";
  const local = (address?.slice(0, address.lastIndexOf("@")) ?? bare).toLowerCase();
  if (DAEMON.test(local) || /\bmailer-daemon\b/i.test(from) || from.trim() === "<>") return "daemon";
  return POSTMASTER.test(local) || isSystemName(from) ? "postmaster" : null;
}

function isReport(types: readonly string[]): boolean {
  return types.some(
    (type) => /^\s*multipart\/report\b/i.test(type) && !/report-type\s*=\s*"?(?:disposition|feedback)/i.test(type),
  );
}

/** Of the name before the address only: addresses of people may contain such words. */
function isSystemName(from: string): boolean {
  const name = splitWords(from.slice(0, 300).replace(/<[^>]{0,300}>/g, " "));
  return SYSTEM_NAMES.some((words) => name.some((_, i) => words.every((word, j) => name[i + j]?.startsWith(word))));
}

/** A program for writing mail, or a thread. */
function isPersonal(mail: InboundMail): boolean {
  return mail.headers.some(
    ({ name, value }) =>
      name === "in-reply-to" ||
      name === "references" ||
      name === "user-agent" ||
      (name === "x-mailer" && /outlook|thunderbird|apple mail|iphone|webmail|roundcube|horde/i.test(value)),
  );
}

/** A person who passes a notice on as it is. */
export function isForwarded(subject: string): boolean {
  return /^\s*(?:fwd?|wg|tr|rv|i|enc|doorst|転送|转发) ?[:：]/i.test(subject);
}

/** Out of office, vacation: programs that answer for people write from the null path too (RFC 3834 §3.3). */
export function isAwayNote(subject: string): boolean {
  return AWAY.test(subject.normalize("NFC")) && !phrasesOf(subject).has("failed");
}

const AWAY =
  /\b(?:out of (?:the )?office|auto(?:matic|matische?|mated)?[ -]?(?:reply|response|responder|answer|antwort)|away from|on (?:vacation|holiday|leave)|vacation|abwesen|automatische antwort|nicht im büro|urlaub|réponse automatique|absence|absent|respuesta automática|fuera de la oficina|ausencia|risposta automatica|fuori sede|assenza|resposta automática|ausência|automatisch antwoord|afwezig|autosvar|frånvaro|fravær|autoodpowiedź|автоответ|отсутств)|自動返信|自动回复|自動回覆|不在通知/i;
