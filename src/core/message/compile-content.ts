/**
 * Content and sender as the operator wrote them, compiled once for a delivery: templates parsed, static text encoded. Every
 * error comes back at once, with its part, line and column.
 */
import { parseAddress } from "../address/parse-address.ts";
import { parseTemplate, type ParsedTemplate } from "../template/parse-template.ts";
import { mapStatic, type Program } from "../template/program.ts";
import type { TemplateKind } from "../template/engine.ts";
import type { UsedAttribute } from "../template/template-variables.ts";
import { cleanValue } from "./header-field.ts";
import { encodeStatic } from "./quoted-printable.ts";

export type ContentSource = {
  readonly subject: string;
  readonly html?: string | undefined;
  readonly text?: string | undefined;
  readonly sender: { readonly name: string; readonly address: string };
  /** An address, personalisable. */
  readonly replyTo?: string | undefined;
  /** Extra headers, values personalisable. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
};

/** `subject`, `html`, `text`, `from`, `replyTo` or `header:Name`; `content` when it is about no single part. */
export type ContentPart = "content" | "subject" | "html" | "text" | "from" | "replyTo" | `header:${string}`;

type ContentErrorCode =
  | "template" // syntax, unknown variable, unknown tag or filter
  | "no-body" // neither HTML nor text
  | "from-missing"
  | "address-invalid"
  | "header-name-invalid"
  | "header-reserved" // set by Envoi itself
  | "header-duplicate"
  | "header-line-break"
  | "header-empty";

export type ContentError = {
  readonly part: ContentPart;
  readonly line: number;
  readonly column: number;
  readonly code: ContentErrorCode;
  readonly message: string;
};

/** A template of one part in two forms: as written, and for bodies with its static text already quoted-printable. */
export type CompiledPart = { readonly kind: TemplateKind; readonly plain: Program; readonly encoded: Program };

export type CompiledContent = {
  readonly subject: CompiledPart;
  readonly html: CompiledPart | null;
  readonly text: CompiledPart | null;
  readonly fromName: CompiledPart;
  readonly fromAddress: CompiledPart;
  readonly replyTo: CompiledPart | null;
  readonly headers: readonly { readonly name: string; readonly value: CompiledPart }[];
  /** Every place that reads an attribute of the recipient. */
  readonly attributes: readonly (UsedAttribute & { readonly part: ContentPart })[];
};

export type CompileResult =
  | { readonly kind: "compiled"; readonly content: CompiledContent }
  | { readonly kind: "errors"; readonly errors: readonly ContentError[] };

/** Fields that Envoi, the MTA or the receiver writes. */
const RESERVED =
  /^(from|to|subject|date|message-id|reply-to|mime-version|content-.*|dkim-signature|return-path|received|sender|bcc|cc)$/i;
/** RFC 5322 §2.2. */
const FIELD_NAME = /^[!-9;-~]{1,76}$/;

export function compileContent(source: ContentSource): CompileResult {
  const errors: ContentError[] = [];
  const attributes: (UsedAttribute & { part: ContentPart })[] = [];
  const fail = (part: ContentPart, code: ContentErrorCode, message: string, line = 1, column = 1) => {
    errors.push({ part, line, column, code, message });
  };
  const compile = (part: ContentPart, text: string, kind: TemplateKind): CompiledPart => {
    const parsed = parseTemplate(text, { kind });
    if (parsed.kind === "errors") {
      for (const { line, column, message } of parsed.errors) fail(part, "template", message, line, column);
      return { kind, plain: [], encoded: [] };
    }
    for (const attribute of parsed.attributes) attributes.push({ ...attribute, part });
    return compilePart(parsed);
  };

  const html = present(source.html) ? compile("html", source.html, "html") : null;
  const text = present(source.text) ? compile("text", source.text, "text") : null;
  if (html === null && text === null) fail("content", "no-body", "there is neither an HTML nor a text part");
  if (source.sender.address.trim() === "") fail("from", "from-missing", "the sender address is missing");
  const content: CompiledContent = {
    subject: compile("subject", source.subject, "header"),
    html,
    text,
    fromName: compile("from", source.sender.name, "header"),
    fromAddress: compile("from", source.sender.address, "header"),
    replyTo: present(source.replyTo) ? compile("replyTo", source.replyTo, "header") : null,
    headers: compileHeaders(source.headers, compile, fail),
    attributes,
  };
  checkAddress(content.fromAddress, "from", fail);
  if (content.replyTo !== null) checkAddress(content.replyTo, "replyTo", fail);
  return errors.length > 0 ? { kind: "errors", errors } : { kind: "compiled", content };
}

type Fail = (part: ContentPart, code: ContentErrorCode, message: string) => void;

function present(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== "";
}

function compilePart(parsed: ParsedTemplate): CompiledPart {
  const { templateKind: kind, program: plain } = parsed;
  return { kind, plain, encoded: kind === "header" ? plain : mapStatic(plain, encodeStatic) };
}

/** An address without personalisation is judged now, any other when the message is made. */
function checkAddress(part: CompiledPart, name: "from" | "replyTo", fail: Fail): void {
  const [text = "", ...more] = part.plain;
  if (typeof text !== "string" || more.length > 0) return;
  const address = cleanValue(text);
  const parsed = parseAddress(address);
  if (parsed.kind === "invalid") fail(name, "address-invalid", `the address "${address}" ${parsed.reason}`);
}

function compileHeaders(
  headers: ContentSource["headers"],
  compile: (part: ContentPart, text: string, kind: TemplateKind) => CompiledPart,
  fail: Fail,
): CompiledContent["headers"] {
  const seen = new Set<string>();
  return headers.map(({ name, value }) => {
    const part: ContentPart = `header:${name}`;
    const key = name.toLowerCase();
    if (!FIELD_NAME.test(name)) fail(part, "header-name-invalid", `"${cleanValue(name)}" is not a header name`);
    else if (RESERVED.test(name)) fail(part, "header-reserved", `the header ${name} is set by Envoi itself`);
    else if (seen.has(key)) fail(part, "header-duplicate", `the header ${name} is given twice`);
    else if (/[\r\n\0]/.test(value))
      fail(part, "header-line-break", `the header ${name} has a line break or NUL in it`);
    else if (value.trim() === "") fail(part, "header-empty", `the header ${name} has no value`);
    seen.add(key);
    return { name, value: compile(part, value, "header") };
  });
}

/** Bytes of a message before any value: what the static text weighs, with the usual headers and MIME parts. */
export function estimateSize(content: CompiledContent): number {
  const headers =
    600 + content.headers.reduce((sum, { name, value }) => sum + name.length + 4 + longest(value.plain), 0);
  const bodies = [content.html, content.text].reduce((sum, part) => sum + (part ? longest(part.encoded) + 150 : 0), 0);
  return headers + longest(content.subject.plain) + bodies;
}

/** Characters of the static text, of each choice the longest branch. */
function longest(program: Program): number {
  return program.reduce((sum: number, step) => {
    if (typeof step === "string") return sum + step.length;
    return step.kind === "choice" ? sum + Math.max(0, ...step.branches.map(longest)) : sum;
  }, 0);
}
