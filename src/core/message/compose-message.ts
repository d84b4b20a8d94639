/**
 * The bytes of one message, a pure function of compiled content, the recipient's variables and the message's facts: the same for
 * sending, for `source KEY`, for the mirror page and for an audit years later.
 */
import { parseAddress, type ValidAddress } from "../address/parse-address.ts";
import { formatMailDate } from "../time.ts";
import { describeRenderError, type Scope } from "../template/engine.ts";
import { execute, startRun } from "../template/program.ts";
import type { CompiledContent, CompiledPart, ContentPart } from "./compile-content.ts";
import { cleanValue, type HeaderField, mailboxField, rawField, textField } from "./header-field.ts";
import { createScope, type MessageFacts, type MessageVars } from "./message-facts.ts";
import { closeBody, encodePiece } from "./quoted-printable.ts";

export type ComposedMessage = {
  readonly kind: "composed";
  /** Without DKIM-Signature. */
  readonly headers: readonly HeaderField[];
  /** Equal to its own DKIM relaxed body; no line starts with a dot. */
  readonly body: string;
  /** An address in the message is not ASCII: the receiving server has to offer SMTPUTF8 (RFC 6531). */
  readonly needsSmtpUtf8: boolean;
  /** Of the message without DKIM-Signature. */
  readonly sizeBytes: number;
};

/** A message that these variables make impossible. Final: another attempt gives the same. */
export type ComposeError = {
  readonly kind: "error";
  readonly part: ContentPart | "to";
  readonly code: "template" | "address-invalid" | "header-too-long";
  readonly message: string;
};

/** Characters of a rendered header value; beyond it servers refuse the message or cut the header. */
const MAX_HEADER_VALUE = 10_000;
/** Fields whose values programs read: encoded words would break them. */
const MACHINE_READ =
  /^(list-.*|references|in-reply-to|auto-submitted|precedence|feedback-id|archived-at|errors-to|disposition-notification-to)$/i;

/** Ends the making of a message from anywhere inside; never leaves this file. */
class Refusal extends Error {
  readonly refusal: ComposeError;
  constructor(refusal: ComposeError) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

export function composeMessage(
  content: CompiledContent,
  vars: MessageVars,
  facts: MessageFacts,
): ComposedMessage | ComposeError {
  return guarded(() => {
    const scope = createScope(vars, facts);
    const to = mailbox("to", facts.recipient);
    const from = mailbox("from", headerValue("from", content.fromAddress, scope));
    const replyTo = content.replyTo ? headerValue("replyTo", content.replyTo, scope) : "";
    const replyBox = replyTo === "" ? null : mailbox("replyTo", replyTo);
    const { head, body } = composeBody(content, scope, `=_${facts.key}.${facts.at.toString(36)}`);
    const headers: HeaderField[] = [
      mailboxField("From", headerValue("from", content.fromName, scope), from.envelope),
      mailboxField("To", "", to.envelope),
      textField("Subject", headerValue("subject", content.subject, scope)),
      { name: "Date", text: `Date: ${formatMailDate(facts.at)}\r\n` },
      { name: "Message-ID", text: messageId(scope, from) },
    ];
    if (replyBox !== null) headers.push(mailboxField("Reply-To", "", replyBox.envelope));
    for (const { name, value } of content.headers) {
      const text = headerValue(`header:${name}`, value, scope);
      if (text !== "") headers.push(extraField(name, text));
    }
    headers.push({ name: "MIME-Version", text: "MIME-Version: 1.0\r\n" }, ...head);
    return {
      kind: "composed",
      headers,
      body,
      needsSmtpUtf8: to.needsSmtpUtf8 || from.needsSmtpUtf8 || replyBox?.needsSmtpUtf8 === true,
      sizeBytes: headers.reduce((sum, field) => sum + field.text.length, 0) + 2 + body.length,
    };
  });
}

/** Runs `make`; what a template or a value makes impossible becomes a value. */
function guarded<T>(make: () => T): T | ComposeError {
  try {
    return make();
  } catch (error) {
    if (error instanceof Refusal) return error.refusal;
    throw error;
  }
}

function plainLineEnds(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}

function renderProgram(part: ContentPart, compiled: CompiledPart, scope: Scope, form: "plain" | "encoded"): string {
  try {
    return execute(compiled[form], startRun(compiled.kind, scope), form === "encoded" ? encodePiece : plainLineEnds);
  } catch (error) {
    const message = describeRenderError(error);
    if (message === null) throw error;
    throw new Refusal({ kind: "error", part, code: "template", message });
  }
}

function headerValue(part: ContentPart, compiled: CompiledPart, scope: Scope): string {
  const value = cleanValue(renderProgram(part, compiled, scope, "plain"));
  if (value.length > MAX_HEADER_VALUE) {
    const message = `the value has ${value.length} characters, a header may have ${MAX_HEADER_VALUE}`;
    throw new Refusal({ kind: "error", part, code: "header-too-long", message });
  }
  return value;
}

function mailbox(part: "to" | "from" | "replyTo", text: string): ValidAddress {
  const parsed = parseAddress(text);
  if (parsed.kind === "valid") return parsed;
  const message = `the address "${cleanValue(text).slice(0, 100)}" ${parsed.kind === "empty" ? "is empty" : parsed.reason}`;
  throw new Refusal({ kind: "error", part, code: "address-invalid", message });
}

function extraField(name: string, value: string): HeaderField {
  if (!MACHINE_READ.test(name)) return textField(name, value);
  const field = rawField(name, value);
  if (field !== null) return field;
  const message = `the header ${name} has a word that is too long for a line`;
  throw new Refusal({ kind: "error", part: `header:${name}`, code: "header-too-long", message });
}

/** RFC 5322 §3.6.4. */
function messageId(scope: Scope, from: ValidAddress): string {
  return `Message-ID: <${String(scope.message["id"])}@${from.domain}>\r\n`;
}

const ENCODING = "Content-Transfer-Encoding: quoted-printable\r\n";
const TEXT_TYPE = "Content-Type: text/plain; charset=utf-8\r\n";
const HTML_TYPE = "Content-Type: text/html; charset=utf-8\r\n";

/** Quoted-printable never has `=_`, so a boundary that starts with it cannot occur in a part (RFC 2045 §6.7). */
function composeBody(content: CompiledContent, scope: Scope, boundary: string): { head: HeaderField[]; body: string } {
  const text = content.text && renderProgram("text", content.text, scope, "encoded");
  const html = content.html && renderProgram("html", content.html, scope, "encoded");
  if (text !== null && html !== null) {
    const type = `Content-Type: multipart/alternative;\r\n boundary="${boundary}"\r\n`;
    return {
      head: [{ name: "Content-Type", text: type }],
      body:
        `--${boundary}\r\n${TEXT_TYPE}${ENCODING}\r\n${text}\r\n` +
        `--${boundary}\r\n${HTML_TYPE}${ENCODING}\r\n${html}\r\n--${boundary}--\r\n`,
    };
  }
  return {
    head: [
      { name: "Content-Type", text: html === null ? TEXT_TYPE : HTML_TYPE },
      { name: "Content-Transfer-Encoding", text: ENCODING },
    ],
    body: closeBody(html ?? text ?? ""),
  };
}

export type RenderedParts = {
  readonly kind: "rendered";
  readonly subject: string;
  readonly html: string | null;
  readonly text: string | null;
};

/** Subject and parts as a reader sees them, from the same evaluation as the bytes; line ends are CRLF. */
export function renderParts(
  content: CompiledContent,
  vars: MessageVars,
  facts: MessageFacts,
): RenderedParts | ComposeError {
  return guarded(() => {
    const scope = createScope(vars, facts);
    const body = (part: "html" | "text") => {
      const compiled = content[part];
      return compiled && renderProgram(part, compiled, scope, "plain").replace(/\n/g, "\r\n");
    };
    return {
      kind: "rendered",
      subject: headerValue("subject", content.subject, scope),
      html: body("html"),
      text: body("text"),
    };
  });
}
