/**
 * The bytes of one message, a pure function of compiled content, the recipient's variables and the message's facts: the same for
 * sending, for `source KEY`, for the mirror page and for an audit years later.
 */
import type { ValidAddress } from "../address/parse-address.ts";
import { formatMailDate } from "../time.ts";
import { execute, startRun } from "../template/program.ts";
import { renderBody } from "./body-part.ts";
import type { CompiledContent } from "./compiled-content.ts";
import { conventionalHeaders } from "./conventional-headers.ts";
import { cleanFileName } from "./file-name.ts";
import { type HeaderField, mailboxField, rawField, textField } from "./header-field.ts";
import type { MessageFormat } from "./manifest.ts";
import { createScope, type MessageFacts, messageIdOf, type MessageVars } from "./message-facts.ts";
import { chooseFormat, FORMAT_ATTRIBUTE } from "./message-format.ts";
import { assemble, filePart, headOf, type MimePart, textPart } from "./mime-structure.ts";
import { closeBody } from "./quoted-printable.ts";
import {
  addressOf,
  type ComposeError,
  guarded,
  headerValue,
  inPart,
  optionalAddress,
  plainLineEnds,
  refuse,
  type Rendering,
} from "./render-part.ts";
import { returnPath } from "./return-path.ts";

export type { ComposeError } from "./render-part.ts";

export type ComposedMessage = {
  readonly kind: "composed";
  /** Without DKIM-Signature; no name twice. */
  readonly headers: readonly HeaderField[];
  /** Equal to its own DKIM relaxed and simple body; no line starts with a dot. */
  readonly body: string;
  /** Return path of the envelope. */
  readonly mailFrom: string;
  /** An address in the message or its envelope is not ASCII: the receiving server has to offer SMTPUTF8 (RFC 6531). */
  readonly needsSmtpUtf8: boolean;
  /** Of the message without DKIM-Signature. */
  readonly sizeBytes: number;
};

/** `missing` gets the path of each attribute that had no value where it was to be shown. */
export function composeMessage(
  content: CompiledContent,
  vars: MessageVars,
  facts: MessageFacts,
  missing?: Set<string>,
): ComposedMessage | ComposeError {
  return guarded(() => {
    const { rendering, fromName } = begin(content, vars, facts, missing);
    const tag = facts.urls.tag();
    const to = addressOf("to", facts.recipient);
    const from = senderAddress(content, rendering);
    const replyTo = optionalAddress("replyTo", content.replyTo, rendering);
    const mailFrom = envelopeFrom(content, from, tag, rendering);
    const whole = composeBody(content, to, rendering, `${facts.key}.${facts.at.toString(36)}`);
    const headers: HeaderField[] = [
      mailboxField("From", fromName, from.envelope, content.encoder),
      mailboxField("To", "", to.envelope),
      textField("Subject", headerValue("subject", content.subject, rendering), content.encoder),
      { name: "Date", text: `Date: ${formatMailDate(facts.at)}\r\n` },
      // RFC 5322 §3.6.4
      { name: "Message-ID", text: `Message-ID: <${messageIdOf(facts, tag)}@${from.domain}>\r\n` },
    ];
    if (replyTo !== null) {
      const name = content.replyToName === null ? "" : headerValue("replyTo", content.replyToName, rendering);
      headers.push(mailboxField("Reply-To", name, replyTo.envelope, content.encoder));
    }
    headers.push(...conventions(content, from, facts, tag), ...operatorHeaders(content, rendering));
    headers.push({ name: "MIME-Version", text: "MIME-Version: 1.0\r\n" }, ...headOf(whole));
    // A multipart ends in its boundary; looking at the end of a text that was just put together costs a copy of it.
    const body = whole.encoding === null ? whole.body : closeBody(whole.body);
    return {
      kind: "composed",
      headers,
      body,
      mailFrom: mailFrom.envelope,
      needsSmtpUtf8: [to, from, replyTo, mailFrom].some((address) => address?.needsSmtpUtf8 === true),
      sizeBytes: headers.reduce((sum, field) => sum + field.text.length, 0) + 2 + body.length,
    };
  });
}

/** The name in From is rendered first: other parts may show it. */
function begin(content: CompiledContent, vars: MessageVars, facts: MessageFacts, missing?: Set<string>) {
  const scope = createScope(content, vars, facts);
  const rendering: Rendering = { scope, options: { budget: content.budget, missing } };
  const fromName = headerValue("from", content.fromName, rendering);
  scope.delivery["sender_name"] = fromName;
  return { rendering, fromName };
}

function senderAddress({ fromAddress }: CompiledContent, rendering: Rendering): ValidAddress {
  return fromAddress.address ?? addressOf("from", headerValue("from", fromAddress, rendering));
}

/** The error address, or the sender's where there is none for this recipient. */
function envelopeFrom(content: CompiledContent, from: ValidAddress, tag: string, rendering: Rendering) {
  const address = optionalAddress("errorAddress", content.errorAddress, rendering) ?? from;
  const path = returnPath(address, content.verp ? tag : null);
  if (path.kind === "valid") return path;
  return refuse("errorAddress", "address-invalid", `the return path of ${address.address} ${reasonOf(path)}`);
}

function reasonOf(path: Exclude<ReturnType<typeof returnPath>, ValidAddress>): string {
  return path.kind === "empty" ? "is empty" : path.reason;
}

function conventions(content: CompiledContent, from: ValidAddress, facts: MessageFacts, tag: string): HeaderField[] {
  return conventionalHeaders(content.conventions, {
    deliveryId: facts.deliveryId,
    tag,
    domain: from.domain,
    unsubscribeUrl: () => facts.urls.unsubscribe(),
    unsubscribeTag: () => facts.urls.unsubscribeTag(),
  });
}

function operatorHeaders(content: CompiledContent, rendering: Rendering): HeaderField[] {
  return content.headers.flatMap(({ name, value, machineRead }) => {
    const text = headerValue(`header:${name}`, value, rendering);
    if (text === "") return [];
    if (!machineRead) return [textField(name, text, content.encoder)];
    return [
      rawField(name, text) ??
        refuse(`header:${name}`, "header-too-long", `the header ${name} has a word that is too long for a line`),
    ];
  });
}

function composeBody(content: CompiledContent, to: ValidAddress, rendering: Rendering, seed: string): MimePart {
  const format = formatFor(content, to.domain, rendering);
  const render = (kind: "html" | "text") => {
    const part = content[kind];
    if (part === null || format === (kind === "html" ? "text" : "html")) return null;
    const body = inPart(kind, () => renderBody(part, rendering.scope, rendering.options));
    return textPart(kind, part.charset.name, part.encoding, body);
  };
  const [text, html] = [render("text"), render("html")];
  const images: MimePart[] = [];
  const files: MimePart[] = [];
  for (const [index, file] of content.attachments.entries()) {
    const name = cleanFileName(headerValue(`attachment:${index}`, file.name, rendering));
    (file.contentId === null ? files : images).push(filePart({ ...file, name }));
  }
  return assemble({ text, html, images, files }, seed);
}

function formatFor(content: CompiledContent, domain: string, { scope }: Rendering): MessageFormat {
  return chooseFormat({
    choice: content.format,
    rules: content.formatRules,
    domain,
    preference: scope.recipient[FORMAT_ATTRIBUTE],
    hasHtml: content.html !== null,
    hasText: content.text !== null,
  });
}

export type RenderedParts = {
  readonly kind: "rendered";
  readonly subject: string;
  readonly from: { readonly name: string; readonly address: string };
  /** Empty when there is none. */
  readonly replyTo: string;
  /** Whatever the recipient's format: the mirror page shows it to readers of text too. */
  readonly html: string | null;
  readonly text: string | null;
};

/**
 * The parts as a reader sees them, from the same evaluation as the bytes; line ends are CRLF. `missing` gets the path of each attribute
 * that had no value where it was to be shown.
 */
export function renderParts(
  content: CompiledContent,
  vars: MessageVars,
  facts: MessageFacts,
  missing?: Set<string>,
): RenderedParts | ComposeError {
  return guarded(() => {
    const { rendering, fromName } = begin(content, vars, facts, missing);
    const { scope, options } = rendering;
    const body = (part: "html" | "text") => {
      const compiled = content[part];
      if (compiled === null) return null;
      const text = inPart(part, () => execute(compiled.plain, startRun(part, scope, options), plainLineEnds));
      return text.replace(/\n/g, "\r\n");
    };
    return {
      kind: "rendered",
      subject: headerValue("subject", content.subject, rendering),
      from: { name: fromName, address: senderAddress(content, rendering).address },
      replyTo: optionalAddress("replyTo", content.replyTo, rendering)?.address ?? "",
      html: body("html"),
      text: body("text"),
    };
  });
}
