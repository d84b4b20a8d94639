/** Headers of the operator's own: which they may set, and the form "one `name: value` per line" that they are typed in. */

export type OperatorHeader = { readonly name: string; readonly value: string };

export type HeaderFault = {
  readonly code:
    | "header-name-invalid"
    | "header-reserved" // set by Envoi, the MTA or the receiver
    | "header-line-break"
    | "header-control-character"
    | "header-trailing-blank"
    | "header-empty";
  readonly message: string;
};

/** RFC 5322 §2.2. */
const FIELD_NAME = /^[!-9;-~]{1,76}$/;
/**
 * What says who a message is from and for, what it is and where it was: structure that Envoi writes, traces that servers write
 * (RFC 5321 §4.4), results that only the receiver may state (RFC 8601 §5).
 */
const RESERVED =
  /^(from|sender|reply-to|to|cc|bcc|apparently-to|subject|date|message-id|mime-.*|content-.*|resent-.*|return-path|received|received-spf|delivered-to|x-original-to|envelope-to|dkim-signature|domainkey-signature|arc-.*|authentication-results|x-google-dkim-signature)$/i;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** What is wrong with a header; null when nothing is. The value may still be a template. */
export function judgeHeader(name: string, value: string): HeaderFault | null {
  const fault = (code: HeaderFault["code"], message: string): HeaderFault => ({ code, message });
  if (!FIELD_NAME.test(name)) return fault("header-name-invalid", `${JSON.stringify(name)} is not a header name`);
  if (RESERVED.test(name)) return fault("header-reserved", `the header ${name} is not the operator's to set`);
  if (/[\r\n\0]/.test(value)) return fault("header-line-break", `the header ${name} has a line break or NUL in it`);
  if (CONTROL.test(value)) return fault("header-control-character", `the header ${name} has a control character in it`);
  if (value.trim() === "") return fault("header-empty", `the header ${name} has no value`);
  if (value.trimEnd() !== value) return fault("header-trailing-blank", `the header ${name} has a blank at its end`);
  return null;
}

/** Characters, as for headers that come one by one: what was saved once can be saved again. */
const MAX_VALUE = 10_000;

export type HeaderLines =
  | { readonly kind: "headers"; readonly headers: readonly OperatorHeader[] }
  /** `line` from 1. */
  | { readonly kind: "errors"; readonly errors: readonly { readonly line: number; readonly message: string }[] };

/** Reads `name: value` lines; one line end after the last is allowed. Every line that is not right comes back with its number. */
export function parseHeaderLines(text: string): HeaderLines {
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.at(-1) === "") lines.pop();
  const headers: OperatorHeader[] = [];
  const errors: { line: number; message: string }[] = [];
  const lineOf = new Map<string, number>();
  for (const [index, text] of lines.entries()) {
    const line = index + 1;
    const read = readLine(text);
    if (typeof read === "string") {
      errors.push({ line, message: read });
      continue;
    }
    const key = read.name.toLowerCase();
    const first = lineOf.get(key);
    if (first !== undefined) errors.push({ line, message: `the header ${read.name} is in line ${first} already` });
    else lineOf.set(key, line);
    headers.push(read);
  }
  return errors.length > 0 ? { kind: "errors", errors } : { kind: "headers", headers };
}

/** The header of a line, or what is wrong with it. */
function readLine(line: string): OperatorHeader | string {
  if (line.trim() === "") return "a blank line would end the headers of the message";
  if (/^[ \t]/.test(line)) return "the line begins with a blank: a header is written in one line";
  const colon = line.indexOf(":");
  if (colon < 0) return 'there is no colon: a header is written "name: value"';
  const header = { name: line.slice(0, colon), value: line.slice(colon + 1).replace(/^[ \t]+/, "") };
  if (header.value.length > MAX_VALUE) {
    return `the header ${header.name.slice(0, 76)} has ${header.value.length} characters, it may have ${MAX_VALUE}`;
  }
  return judgeHeader(header.name, header.value)?.message ?? header;
}
