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
/** Programs that look into mail on its way, by the name that they write under. */
const GATEWAY =
  /\b(?:groupshield|webshield|imsva|imss|interscan|scanmail|viruswall|mimesweeper|mailsweeper|mailmarshal|mailscanner|antigen|amavisd?(?:-new)?|mailguard|guinevere)\b/i;
const POSTMASTER =
  /^(?:post[-_.]?master|post[-_.]?office|postmstr|administrator|sysadmin|system|mail[-_.]?(?:admin|master|hub|gate|gateway|relay|server|router)|mta|smtpd?|smtp-?server|mailer|undeliver(?:ed|able)|dsn|microsoftexchange[0-9a-z]{1,64})$/;
/** Mailboxes that nobody reads: what comes from them a program wrote. */
const PROGRAM = /^(?:no-?_?reply|do-?_?not-?_?reply|notifications?|mail-?noreply)\b/;
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
  const from = values("from")[0] ?? "";
  if (isFromListProgram(mail, localOf(from)) && REFUSAL.test(values("subject")[0] ?? "")) return "daemon";
  if (mail.headers.some(({ name }) => /^list-(?:id|unsubscribe|post)$/.test(name))) return "never";
  if (LIST_PROGRAM.test(localOf(from)) && REFUSAL.test(values("subject")[0] ?? "")) return "daemon";
  const name = nameOf(from);
  const isAnswer = /^\s*(?:re|aw|sv|antw|odp|回复|答复) ?(?:\[\d+\])?[:：]/i.test(values("subject")[0] ?? "");
  if (isAnswer && (name === null || isPersonal(mail))) return "never";
  if (isReport(values("content-type")) || name === "daemon") return "daemon";
  const isNull =
    envelope?.returnPath?.trim() === "" ||
    values("return-path").some((value) => /^\s*(?:<\s*>|<?mailer-daemon>?)?\s*$/i.test(value));
  if (name === "postmaster") return isPersonal(mail) ? "person" : isNull ? "daemon" : "postmaster";
  if (isNull) return "null-path";
  const isProgram = PROGRAM.test(localOf(from)) || values("auto-submitted").some((value) => !/^\s*no\b/i.test(value));
  return isProgram ? "program" : "person";
}

/** Programs for lists write as one of the list, and return what it does not take. */
function isFromListProgram(mail: InboundMail, local: string): boolean {
  const isMarked = mail.headers.some(({ name }) => /^x-(?:mlserver|mailman-version|listserver|sympa-to)$/.test(name));
  return isMarked && /[-+](?:admin|owner|bounces|request)$/.test(local);
}

const LIST_PROGRAM = /^(?:listserv|majordomo|sympa|listproc|ezmlm|lyris|owner-[\w.-]{1,64})$/;
/** What lists' programs call a message that they do not distribute. */
const REFUSAL = /^bounce \S|\brejected\b|\bnot (?:a )?member\b|\bnon-?members?\b|\bpermission denied\b/i;

function localOf(from: string): string {
  const address = findAddresses(from.slice(0, 2000))[0]?.address;
  const bare = /^\s*<?([\w.-]{1,60})>?\s*$/.exec(from)?.[1] ?? "";
  return (address?.slice(0, address.lastIndexOf("@")) ?? bare).toLowerCase();
}

/** What the sender's address or name says; null: of somebody else. */
function nameOf(from: string): "daemon" | "postmaster" | null {
  const local = localOf(from);
  if (DAEMON.test(local) || /\bmailer-daemon\b/i.test(from) || from.trim() === "<>" || GATEWAY.test(from))
    return "daemon";
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
