/**
 * A person's or sender's mailbox as people write it: `a@b.example`, `Name <a@b.example>`, `"Name, quoted" <a@b.example>`
 * (RFC 5322 §3.4, one mailbox, no comments, no groups). Unquoted names may hold any visible text but `<`, `>` and quotes.
 */
import { parseAddress, type InvalidAddress, type ValidAddress } from "./parse-address.ts";

export type MailboxResult =
  | { readonly kind: "valid"; readonly name: string; readonly address: ValidAddress }
  | { readonly kind: "empty" }
  | InvalidAddress;

const CONTROL = /\p{Cc}/u;

export function parseMailbox(text: string): MailboxResult {
  const control = CONTROL.exec(text);
  if (control) return { kind: "invalid", reason: "has a line break or control character", at: control.index + 1 };
  const open = text.lastIndexOf("<");
  if (open < 0) return withName("", text, 0);
  const close = text.indexOf(">", open);
  if (close < 0) return { kind: "invalid", reason: 'has "<" without ">"', at: open + 1 };
  const after = /\S/.exec(text.slice(close + 1));
  if (after) return { kind: "invalid", reason: 'has text after ">"', at: close + after.index + 2 };
  const name = parseName(text.slice(0, open));
  if (name.kind === "invalid") return name;
  return withName(name.text, text.slice(open + 1, close), open + 1);
}

function withName(name: string, addressText: string, offset: number): MailboxResult {
  const address = parseAddress(addressText);
  switch (address.kind) {
    case "valid":
      return { kind: "valid", name, address };
    case "invalid":
      return { ...address, at: address.at + offset };
    case "empty":
      return offset === 0 ? address : { kind: "invalid", reason: 'has nothing between "<" and ">"', at: offset };
  }
}

function parseName(text: string): { readonly kind: "name"; readonly text: string } | InvalidAddress {
  const name = text.trim();
  const start = text.length - text.trimStart().length;
  if (!name.startsWith('"')) {
    const bad = /["<>]/.exec(name);
    if (bad) return { kind: "invalid", reason: `has ${JSON.stringify(bad[0])} in the name`, at: start + bad.index + 1 };
    return { kind: "name", text: name };
  }
  const quoted = /^"((?:[^"\\]|\\.)*)"/u.exec(name);
  if (!quoted) return { kind: "invalid", reason: "has a quoted name without its closing quote", at: start + 1 };
  if (quoted[0].length < name.length) {
    return { kind: "invalid", reason: "has text after the quoted name", at: start + quoted[0].length + 1 };
  }
  return { kind: "name", text: (quoted[1] ?? "").replace(/\\(.)/gu, "$1") };
}
