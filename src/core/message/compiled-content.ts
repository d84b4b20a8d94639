/** Content and sender compiled once for a delivery: templates parsed, static text encoded, all that does not change computed. */
import type { ValidAddress } from "../address/parse-address.ts";
import type { Budget } from "../template/budget.ts";
import type { UsedAttribute } from "../template/template-variables.ts";
import type { Program } from "../template/program.ts";
import type { BodyPart } from "./body-part.ts";
import type { Charset } from "./charset.ts";
import type { HeaderConventions } from "./conventional-headers.ts";
import type { Attachment, FormatChoice } from "./manifest.ts";
import type { FormatRules } from "./message-format.ts";

/** `attachment:N` counts from 0; `content` when it is about no single part. */
export type ContentPart =
  | "content"
  | "subject"
  | "html"
  | "text"
  | "from"
  | "replyTo"
  | "errorAddress"
  | `header:${string}`
  | `attachment:${number}`;

/** A template in a header; `fixed` is its value when no recipient changes it. */
export type HeaderValue = { readonly program: Program; readonly fixed: string | null };

/** A template that gives an address. */
export type AddressValue = HeaderValue & { readonly address: ValidAddress | null };

export type CompiledAttachment = Pick<Attachment, "contentType" | "contentId"> & {
  readonly name: HeaderValue;
  /** Lines of 76 characters with CRLF. */
  readonly base64: string;
};

export type CompiledContent = {
  readonly subject: HeaderValue;
  readonly html: BodyPart | null;
  readonly text: BodyPart | null;
  readonly fromName: HeaderValue;
  readonly fromAddress: AddressValue;
  readonly replyTo: AddressValue | null;
  /** Null: Reply-To is an address alone. */
  readonly replyToName: HeaderValue | null;
  readonly errorAddress: AddressValue | null;
  readonly verp: boolean;
  /** `machineRead`: programs read the value, encoded words would break it. */
  readonly headers: readonly { readonly name: string; readonly value: HeaderValue; readonly machineRead: boolean }[];
  readonly conventions: HeaderConventions;
  readonly attachments: readonly CompiledAttachment[];
  readonly format: FormatChoice;
  readonly formatRules: FormatRules;
  /** IANA name in lower case. */
  readonly charset: string;
  readonly encoder: Charset;
  readonly variables: Readonly<Record<string, string>>;
  readonly platform: Readonly<Record<string, string>>;
  readonly budget: Budget;
  /** Every place that reads an attribute of the recipient. */
  readonly attributes: readonly (UsedAttribute & { readonly part: ContentPart })[];
  /** Attributes that are read besides; it does not matter when nobody has them. */
  readonly optionalAttributes: readonly string[];
};

/** Bytes of a message before any value: what the static text weighs, with the usual headers, MIME parts and files. */
export function estimateSize(content: CompiledContent): number {
  const headers =
    1000 + content.headers.reduce((sum, { name, value }) => sum + name.length + 4 + longest(value.program), 0);
  const bodies = [content.html, content.text].reduce(
    (sum, part) => sum + (part ? longest(part.encoded) * (part.encoding === "base64" ? 4 / 3 : 1) + 150 : 0),
    0,
  );
  const files = content.attachments.reduce((sum, { base64 }) => sum + base64.length + 200, 0);
  return Math.round(headers + longest(content.subject.program) + bodies + files);
}

/** Characters of the static text, of each choice the longest branch. */
function longest(program: Program): number {
  return program.reduce((sum: number, step) => {
    if (typeof step === "string") return sum + step.length;
    return step.kind === "choice" ? sum + Math.max(0, ...step.branches.map(longest)) : sum;
  }, 0);
}
