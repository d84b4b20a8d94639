/**
 * Compiles content and sender, as the operator wrote them or as the analysis prepared them. Every error comes back at once, with its
 * part, line and column.
 */
import { parseAddress } from "../address/parse-address.ts";
import { budgetFor } from "../template/budget.ts";
import type { TemplateKind } from "../template/engine.ts";
import { parseTemplate } from "../template/parse-template.ts";
import type { Program } from "../template/program.ts";
import { wrapBase64 } from "./base64.ts";
import { compileBody } from "./body-part.ts";
import { charsetOf, type Codec, UTF_8 } from "./charset.ts";
import type { AddressValue, CompiledContent, ContentPart, HeaderValue } from "./compiled-content.ts";
import type { HeaderConventions } from "./conventional-headers.ts";
import { cleanValue } from "./header-field.ts";
import type { Attachment, Manifest } from "./manifest.ts";
import { compileRules, FORMAT_ATTRIBUTE } from "./message-format.ts";
import { type HeaderFault, judgeHeader } from "./operator-header.ts";
import { withTag } from "./return-path.ts";

export type { CompiledContent, ContentPart } from "./compiled-content.ts";
export { estimateSize } from "./compiled-content.ts";
export { findUnencodable } from "./unencodable.ts";

/** A whole manifest is one. What is left out is as a delivery without any settings has it. */
export type ContentSource = Pick<Manifest, "subject" | "fromName" | "fromAddress"> &
  Partial<
    Pick<
      Manifest,
      | "html"
      | "text"
      | "replyTo"
      | "replyToName"
      | "errorAddress"
      | "verp"
      | "headers"
      | "attachments"
      | "format"
      | "formatRules"
      | "charset"
      | "listUnsubscribe"
      | "variables"
      | "platform"
      | "personalisationTimeout"
    >
  >;

export type CompileOptions = {
  /** The source was prepared by Envoi: its own tags are allowed. */
  readonly internal?: boolean;
  /** For charsets besides UTF-8. */
  readonly codec?: Codec;
  /** Bytes of the attachments in base64, by file. Without it the content is only checked: attachments are empty. */
  readonly files?: ReadonlyMap<number, string>;
};

type ContentErrorCode =
  | "template" // syntax, unknown variable, unknown tag or filter
  | "no-body" // neither HTML nor text
  | "from-missing"
  | "address-invalid"
  | "header-duplicate"
  | "charset-unknown"
  | "content-type-invalid"
  | "content-id-invalid"
  | "file-missing"
  | HeaderFault["code"];

export type ContentError = {
  readonly part: ContentPart;
  readonly line: number;
  readonly column: number;
  /** From 0, in the source with `\n` as its line ends. */
  readonly offset: number;
  readonly code: ContentErrorCode;
  readonly message: string;
};

export type CompileResult =
  | { readonly kind: "compiled"; readonly content: CompiledContent }
  | { readonly kind: "errors"; readonly errors: readonly ContentError[] };

const USUAL_TIMEOUT = 5000;

export function compileContent(source: ContentSource, options: CompileOptions = {}): CompileResult {
  const compiler = createCompiler(source, options);
  const { fail, template, header, address } = compiler;
  const charset = charsetOf(source.charset ?? UTF_8.name, options.codec);
  if (charset === null)
    fail("content", "charset-unknown", `the charset "${cleanValue(source.charset ?? "")}" is not known`);
  const body = (kind: "html" | "text", text: string | null | undefined) =>
    present(text) ? compileBody(kind, template(kind, text, kind), charset ?? UTF_8) : null;
  const [html, text] = [body("html", source.html), body("text", source.text)];
  if (html === null && text === null) fail("content", "no-body", "there is neither an HTML nor a text part");
  if (!present(source.fromAddress)) fail("from", "from-missing", "the sender address is missing");
  const content: CompiledContent = {
    subject: header("subject", source.subject),
    html,
    text,
    fromName: header("from", source.fromName),
    fromAddress: address("from", source.fromAddress),
    replyTo: present(source.replyTo) ? address("replyTo", source.replyTo) : null,
    replyToName: present(source.replyToName) ? header("replyTo", source.replyToName) : null,
    errorAddress: present(source.errorAddress) ? address("errorAddress", source.errorAddress) : null,
    verp: source.verp ?? false,
    headers: compileHeaders(source.headers ?? [], compiler),
    conventions: conventionsOf(source, fail),
    attachments: (source.attachments ?? []).map((file, index) =>
      compileAttachment(file, index, options.files, compiler),
    ),
    format: source.format ?? "recipient",
    formatRules: compileRules(source.formatRules ?? []),
    charset: (charset ?? UTF_8).name,
    encoder: charset ?? UTF_8,
    variables: source.variables ?? {},
    platform: { name: source.platform?.name ?? "", logo_url: source.platform?.logoUrl ?? "" },
    budget: budgetFor(source.personalisationTimeout ?? USUAL_TIMEOUT),
    attributes: compiler.attributes,
    optionalAttributes: (source.format ?? "recipient") === "recipient" ? [FORMAT_ATTRIBUTE] : [],
  };
  return compiler.errors.length > 0 ? { kind: "errors", errors: compiler.errors } : { kind: "compiled", content };
}

function present(text: string | null | undefined): text is string {
  return text !== undefined && text !== null && text.trim() !== "";
}

type Compiler = ReturnType<typeof createCompiler>;
type Fail = (part: ContentPart, code: ContentErrorCode, message: string) => void;

/** Collects errors and attributes of all parts. */
function createCompiler(source: ContentSource, { internal = false }: CompileOptions) {
  const errors: ContentError[] = [];
  const attributes: CompiledContent["attributes"][number][] = [];
  const variables = Object.keys(source.variables ?? {});
  const fail: Fail = (part, code, message) => {
    errors.push({ part, line: 1, column: 1, offset: 0, code, message });
  };
  const template = (part: ContentPart, text: string, kind: TemplateKind): Program => {
    const parsed = parseTemplate(text, { kind, internal, variables });
    if (parsed.kind === "errors") {
      for (const error of parsed.errors) errors.push({ part, code: "template", ...error });
      return [];
    }
    for (const attribute of parsed.attributes) attributes.push({ ...attribute, part });
    return parsed.program;
  };
  const header = (part: ContentPart, text: string): HeaderValue => {
    const program = template(part, text, "header");
    const [first = "", ...more] = program;
    return { program, fixed: typeof first === "string" && more.length === 0 ? cleanValue(first) : null };
  };
  /** An address without personalisation is judged now, any other when the message is made. */
  const address = (part: ContentPart, text: string): AddressValue => {
    const value = header(part, text);
    if (value.fixed === null || value.fixed === "") return { ...value, address: null };
    const parsed = parseAddress(value.fixed);
    if (parsed.kind === "invalid") fail(part, "address-invalid", `the address "${value.fixed}" ${parsed.reason}`);
    return { ...value, address: parsed.kind === "valid" ? parsed : null };
  };
  return { errors, attributes, fail, template, header, address };
}

/** Fields whose values programs read. */
const MACHINE_READ =
  /^(list-.*|references|in-reply-to|auto-submitted|precedence|feedback-id|archived-at|errors-to|disposition-notification-to|cfbl-.*)$/i;

function compileHeaders(headers: Manifest["headers"], { fail, header }: Compiler): CompiledContent["headers"] {
  const seen = new Set<string>();
  return headers.map(({ name, value }) => {
    const part: ContentPart = `header:${name}`;
    const key = name.toLowerCase();
    const fault = judgeHeader(name, value);
    if (fault !== null) fail(part, fault.code, fault.message);
    else if (seen.has(key)) fail(part, "header-duplicate", `the header ${name} is given twice`);
    seen.add(key);
    return { name, value: header(part, value), machineRead: MACHINE_READ.test(name) };
  });
}

/** Characters of the tag of a message, at most. */
const MAX_TAG = 32;

function conventionsOf({ listUnsubscribe, headers = [] }: ContentSource, fail: Fail): HeaderConventions {
  const mailbox = listUnsubscribe?.mailbox ?? "";
  const parsed = parseAddress(mailbox);
  if (parsed.kind === "invalid") {
    fail("header:List-Unsubscribe", "address-invalid", `the address "${cleanValue(mailbox)}" ${parsed.reason}`);
  }
  const longest = parsed.kind === "valid" ? parseAddress(withTag(parsed.envelope, "x".repeat(MAX_TAG))) : parsed;
  if (parsed.kind === "valid" && longest.kind === "invalid") {
    fail(
      "header:List-Unsubscribe",
      "address-invalid",
      `with the tag of a message the address "${mailbox}" ${longest.reason}`,
    );
  }
  return {
    bulk: listUnsubscribe?.header ?? true,
    unsubscribeMailbox: parsed.kind === "valid" ? parsed.envelope : null,
    replaced: new Set(headers.map(({ name }) => name.toLowerCase())),
  };
}

const TOKEN = "[A-Za-z0-9!#$%&'*+.^_`{|}~-]+";
/** RFC 2045 §5.1; without two blanks in a row, which a relaxed body may not have. */
const CONTENT_TYPE = new RegExp(`^${TOKEN}/${TOKEN}(?:; ?${TOKEN}=(?:${TOKEN}|"(?:[!#-\\[\\]-~]| (?! ))*"))*$`);
/** Structures of MIME: base64 is forbidden in them (RFC 2045 §6.4). */
const COMPOSITE = /^(multipart|message)\//i;
const CONTENT_ID = /^[A-Za-z0-9._+@-]{1,200}$/;

function compileAttachment(
  { fileId, name, contentType, contentId }: Attachment,
  index: number,
  files: CompileOptions["files"],
  { fail, header }: Compiler,
): CompiledContent["attachments"][number] {
  const part: ContentPart = `attachment:${index}`;
  if (contentType.length > 200 || !CONTENT_TYPE.test(contentType) || COMPOSITE.test(contentType)) {
    fail(part, "content-type-invalid", `${JSON.stringify(contentType)} is not a type that a file can be sent with`);
  }
  if (contentId !== null && !CONTENT_ID.test(contentId)) {
    fail(part, "content-id-invalid", `${JSON.stringify(contentId)} is not a content id`);
  }
  const bytes = files?.get(fileId);
  if (files !== undefined && bytes === undefined) fail(part, "file-missing", `the file ${fileId} does not exist`);
  const base64 = wrapBase64((bytes ?? "").replaceAll("\r", "").replaceAll("\n", ""));
  return { name: header(part, name), contentType, contentId, base64 };
}
