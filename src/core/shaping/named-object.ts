/**
 * What a reply is about, when it says so: Gmail's 4.7.28 names the address, its netblock, the DKIM, SPF or URL domain or the
 * Message-ID whose rate is too high (https://support.google.com/a/answer/3726730); 4.2.1 names the recipient. What is restricted
 * then is that object and not all that goes to the provider. A reply is foreign text: values taken from it must be
 * compared with our own before anything is restricted by them (scope-of.ts).
 */
import { assertNever } from "../never.ts";
import { formatNetblock, parseBlock } from "./address-block.ts";

export type NamedObject =
  | { readonly kind: "source"; readonly address: string | null }
  /** CIDR. */
  | { readonly kind: "netblock"; readonly block: string | null }
  | { readonly kind: "dkim-domain" | "spf-domain" | "url-domain"; readonly domain: string | null }
  /** The message as such, in all its copies. */
  | { readonly kind: "delivery" }
  | { readonly kind: "recipient" };

export type NamingReply = { readonly code: number | null; readonly enhanced: string | null; readonly text: string };

/** Eight lines of a reply (RFC 5321 §4.5.3.1.5 allows 512 octets each); what decides stands in front. */
const MAX_CHARS = 4000;

/** Each alternative is a fixed phrase: linear. The first that is found counts. */
const PHRASES: readonly (readonly [NamedObject["kind"], RegExp])[] = [
  [
    "recipient",
    /receiving (?:mail|e-?mails|messages) (?:too quickly|at a rate)|peak smtp relay limit|per hour message receive limit/,
  ],
  ["delivery", /same message-?id|message-?id quota/],
  ["url-domain", /\burl domains?\b|\byour urls?\b|\bdomain of (?:the|your) urls?\b/],
  ["dkim-domain", /\bdkim domain\b|\bdkim identity\b|reputation of the sending domain|due to domain reputation/],
  ["spf-domain", /\bspf domain\b/],
  ["netblock", /\bnetblock\b|\bip (?:block|range|subnet|network)\b|\byour (?:subnet|ip range|network range)\b/],
  [
    "source",
    /\bips? (?:address(?:es)?|reputation|frequency)\b|\b(?:your|sending|sender|client|source|sender's|this) ips?\b|\badresse ip\b|\bip-adresse\b/,
  ],
];

/** The words in front of an address that say that it is the sender's. */
const SENDER_WORDS =
  /(?:^|[\s([:<"'=-])(?:from|ip|address|host|client|server|netblock|for|by|block|range|adresse)[\s:=[("'<]{1,3}$/;

/** What the reply names; null: nothing in particular. `ownAddress`: where the message left from, if known. */
export function namedObject(reply: NamingReply, ownAddress: string | null = null): NamedObject | null {
  const text = plainText(reply);
  if (isMailboxStatus(reply)) return { kind: "recipient" };
  const kind = PHRASES.find(([, phrase]) => phrase.test(text))?.[0] ?? null;
  switch (kind) {
    case "recipient":
    case "delivery":
      return { kind };
    case "dkim-domain":
    case "spf-domain":
    case "url-domain":
      return { kind, domain: domainAfter(text) };
    case "netblock":
      return { kind, block: blockIn(text) };
    case "source":
    case null: {
      const address = addressIn(text, ownAddress);
      return kind === null && address === null ? null : { kind: "source", address };
    }
    default:
      return assertNever(kind);
  }
}

/** Lower case, one blank for white space, and the enhanced code only once: servers repeat it in each line, in the middle of a phrase. */
export function plainText({ enhanced, text }: Pick<NamingReply, "enhanced" | "text">): string {
  const tokens = text.slice(0, MAX_CHARS).toLowerCase().split(/\s+/);
  const first = enhanced === null ? -1 : tokens.indexOf(enhanced);
  return tokens.filter((token, i) => token !== enhanced || i === first).join(" ");
}

/** RFC 3463 §3.3: x.2.1 and x.2.2 are the state of one mailbox, Exchange's x.2.121 and x.2.122 its rate. */
function isMailboxStatus({ enhanced }: NamingReply): boolean {
  return enhanced !== null && /^[45]\.2\.(?:1|2|121|122)$/.test(enhanced);
}

/** The domain in the brackets that follow: `DKIM domain [example.com 36]`. */
function domainAfter(text: string): string | null {
  const match =
    /\b(?:dkim|spf|url|sending) domains? ?[:=[("'<]{1,3} ?([a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){1,10})(?=[\s\])"'>,;]|\.?$)/.exec(
      text,
    );
  return match?.[1] ?? null;
}

/** Runs of the characters of addresses, with where they begin. */
function* addressTokens(text: string): Generator<{ readonly token: string; readonly at: number }> {
  for (const match of text.matchAll(/[0-9a-f.:/]{3,60}/g)) {
    const token = match[0].replace(/^[.:/]+(?=\d+\.)|[.:/]+$/g, "");
    yield { token, at: match.index + match[0].indexOf(token) };
  }
}

function blockIn(text: string): string | null {
  for (const { token } of addressTokens(text)) {
    const block = token.includes("/") ? parseBlock(token) : null;
    if (block !== null && block.length < block.size) return formatNetblock(block, block.length);
  }
  return null;
}

/** Yahoo ends with numbers in the shape of an address (`4.16.55.1`): only what is called the sender's counts, or is ours. */
function addressIn(text: string, ownAddress: string | null): string | null {
  for (const { token, at } of addressTokens(text)) {
    if (token.includes("/") || parseBlock(token) === null) continue;
    if (token === ownAddress || SENDER_WORDS.test(text.slice(Math.max(0, at - 20), at))) return token;
  }
  return null;
}
