/**
 * Domain names as DNS knows them: lower case, non-ASCII labels as A-labels (RFC 5890 §2.3.2.1, Punycode of RFC 3492).
 * Mapping before encoding is the plain part of UTS #46: compatibility forms folded, lower case, ideographic full stops
 * read as dots. Joiners and other invisible characters are refused instead of being judged by context.
 */

export type DomainResult =
  | { readonly kind: "valid"; readonly ascii: string }
  | { readonly kind: "invalid"; readonly reason: string; readonly index: number };

const MAX_DOMAIN = 253;
const MAX_LABEL = 63;
const DOT = /[.\u3002\uff0e\uff61]/;
// oxlint-disable-next-line no-control-regex -- the ASCII range begins with control characters
const ASCII = /^[\0-\x7f]*$/;
const LDH = /^[a-z0-9-]*$/;
const NOT_LDH = /[^A-Za-z0-9-]/u;
const U_LABEL = /^[a-z0-9\p{L}\p{M}\p{N}\p{So}\u00b7-]+$/u;

/** `index` is where in `text` the trouble is, from 0. */
export function toAsciiDomain(text: string): DomainResult {
  if (text.startsWith("[")) {
    return invalid("names an IP address in brackets instead of a domain", 0);
  }
  const labels: string[] = [];
  let index = 0;
  for (const label of text.split(DOT)) {
    const result = toAsciiLabel(label);
    if (result.kind === "invalid") return invalid(result.reason, index + result.index);
    labels.push(result.ascii);
    index += label.length + 1;
  }
  if (labels.length < 2) return invalid('has a domain without a dot ("example.com" is one with)', 0);
  const last = labels.at(-1) ?? "";
  if (/^\d+$/.test(last))
    return invalid("has a domain that ends in a number, like an IP address", text.length - last.length);
  const ascii = labels.join(".");
  if (ascii.length > MAX_DOMAIN) return invalid(`has a domain longer than ${MAX_DOMAIN} octets`, 0);
  return { kind: "valid", ascii };
}

function toAsciiLabel(label: string): DomainResult {
  if (label === "") return invalid("has a dot too many in the domain", 0);
  const mapped = ASCII.test(label) ? label.toLowerCase() : label.normalize("NFKC").toLowerCase().normalize("NFC");
  const plain = LDH.test(mapped);
  if (!plain && !U_LABEL.test(mapped)) {
    const bad = ASCII.test(label) ? NOT_LDH.exec(label) : null;
    const what = bad ? JSON.stringify(bad[0]) : "a character";
    return invalid(`has ${what} in the domain, where it is not allowed`, bad?.index ?? 0);
  }
  if (mapped.startsWith("-") || mapped.endsWith("-")) return invalid("has a hyphen at the edge of a domain label", 0);
  if (plain) return checkLength(mapped);
  if (/^\p{M}/u.test(mapped) || mapped.startsWith("xn--"))
    return invalid("has a domain label that cannot be encoded", 0);
  return checkLength(`xn--${encodePunycode(mapped)}`);
}

function checkLength(ascii: string): DomainResult {
  if (ascii.length > MAX_LABEL) return invalid(`has a domain label longer than ${MAX_LABEL} octets`, 0);
  return { kind: "valid", ascii };
}

function invalid(reason: string, index: number): DomainResult {
  return { kind: "invalid", reason, index };
}

// RFC 3492 §5
const BASE = 36;
const TMIN = 1;
const TMAX = 26;
const SKEW = 38;
const DAMP = 700;
const INITIAL_BIAS = 72;
const INITIAL_N = 128;
const DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** RFC 3492 §6.3. Labels are short, so the overflow checks of the RFC have nothing to catch. */
function encodePunycode(label: string): string {
  const points = Array.from(label, (char) => char.codePointAt(0) ?? 0);
  const basic = points.filter((point) => point < INITIAL_N);
  let output = String.fromCodePoint(...basic) + (basic.length > 0 ? "-" : "");
  let n = INITIAL_N;
  let delta = 0;
  let bias = INITIAL_BIAS;
  let handled = basic.length;
  while (handled < points.length) {
    const next = points.reduce((least, point) => (point >= n && point < least ? point : least), Infinity);
    delta += (next - n) * (handled + 1);
    n = next;
    for (const point of points) {
      if (point < n) delta++;
      if (point !== n) continue;
      output += encodeDelta(delta, bias);
      bias = adapt(delta, handled + 1, handled === basic.length);
      delta = 0;
      handled++;
    }
    delta++;
    n++;
  }
  return output;
}

/** A delta as a variable-length integer (RFC 3492 §3.3). */
function encodeDelta(delta: number, bias: number): string {
  let output = "";
  let q = delta;
  for (let k = BASE; ; k += BASE) {
    const t = Math.min(Math.max(k - bias, TMIN), TMAX);
    if (q < t) return output + digit(q);
    output += digit(t + ((q - t) % (BASE - t)));
    q = Math.floor((q - t) / (BASE - t));
  }
}

function digit(value: number): string {
  return DIGITS[value] ?? "";
}

/** RFC 3492 §6.1. */
function adapt(delta: number, points: number, first: boolean): number {
  let d = first ? Math.floor(delta / DAMP) : Math.floor(delta / 2);
  d += Math.floor(d / points);
  let k = 0;
  for (; d > ((BASE - TMIN) * TMAX) / 2; k += BASE) d = Math.floor(d / (BASE - TMIN));
  return k + Math.floor(((BASE - TMIN + 1) * d) / (d + SKEW));
}
