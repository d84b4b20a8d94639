/** SPF records as their authors wrote them (RFC 7208 §4.6, §5, §6, §12). Pure. */
import { isIPv4, isIPv6 } from "node:net";

export type SpfQualifier = "+" | "-" | "~" | "?";

export type SpfTerm =
  | { readonly kind: "all"; readonly qualifier: SpfQualifier }
  | { readonly kind: "include" | "exists"; readonly qualifier: SpfQualifier; readonly domain: string }
  | {
      readonly kind: "a" | "mx";
      readonly qualifier: SpfQualifier;
      /** Null: the domain of the record. */
      readonly domain: string | null;
      readonly prefix4: number;
      readonly prefix6: number;
    }
  | { readonly kind: "ptr"; readonly qualifier: SpfQualifier; readonly domain: string | null }
  | {
      readonly kind: "ip4" | "ip6";
      readonly qualifier: SpfQualifier;
      readonly address: string;
      readonly prefix: number;
    }
  | { readonly kind: "redirect"; readonly domain: string };

export type SpfRecord =
  | { readonly kind: "record"; readonly terms: readonly SpfTerm[] }
  /** Receivers take the whole record for broken (`permerror`). */
  | { readonly kind: "invalid"; readonly detail: string };

/** §4.5: one space or the end follows the version. */
export function isSpf(text: string): boolean {
  return /^v=spf1( |$)/i.test(text);
}

export function parseSpf(text: string): SpfRecord {
  const terms: SpfTerm[] = [];
  const modifiers = new Set<string>();
  for (const word of text.split(" ").slice(1)) {
    if (word === "") continue;
    const modifier = /^([a-z][a-z0-9_.-]*)=(.*)$/i.exec(word);
    const name = modifier?.[1]?.toLowerCase() ?? "";
    if ((name === "redirect" || name === "exp") && modifiers.has(name)) return invalid(word, "is there twice");
    modifiers.add(name);
    const term = modifier ? readModifier(word, name, modifier[2] ?? "") : readMechanism(word);
    if (term !== null && "detail" in term) return term;
    if (term !== null) terms.push(term);
  }
  return { kind: "record", terms };
}

/** A name that depends on the message, so that it cannot be looked up here (§7). */
export function hasMacro(domain: string): boolean {
  return domain.includes("%");
}

type Invalid = Extract<SpfRecord, { kind: "invalid" }>;

function invalid(word: string, problem: string): Invalid {
  return { kind: "invalid", detail: `"${word.slice(0, 100)}" ${problem}` };
}

/** Null: a modifier that changes nothing about who may send. */
function readModifier(word: string, name: string, value: string): SpfTerm | Invalid | null {
  if (name !== "redirect") return null;
  return isDomainSpec(value) ? { kind: "redirect", domain: value.toLowerCase() } : invalid(word, "names no domain");
}

function readMechanism(word: string): SpfTerm | Invalid {
  const match = /^([+?~-]?)([a-z0-9]+)(?::(.*)|(\/.*))?$/i.exec(word);
  const qualifier = (match?.[1] || "+") as SpfQualifier;
  const kind = match?.[2]?.toLowerCase() ?? "";
  const value = match?.[3] ?? null;
  const slash = match?.[4] ?? null;
  switch (kind) {
    case "all":
      return value === null && slash === null ? { kind, qualifier } : invalid(word, "takes no value");
    case "include":
    case "exists":
      if (value === null || !isDomainSpec(value)) return invalid(word, "names no domain");
      return { kind, qualifier, domain: value.toLowerCase() };
    case "ptr":
      if (slash !== null || (value !== null && !isDomainSpec(value))) return invalid(word, "names no domain");
      return { kind, qualifier, domain: value?.toLowerCase() ?? null };
    case "a":
    case "mx":
      return readHosts(word, kind, qualifier, value ?? slash ?? "", value !== null);
    case "ip4":
    case "ip6":
      return readNetwork(word, kind, qualifier, value ?? "");
    default:
      return invalid(word, "is no mechanism of SPF");
  }
}

/** `:domain/24//64`, each part optional. */
function readHosts(
  word: string,
  kind: "a" | "mx",
  qualifier: SpfQualifier,
  rest: string,
  hasDomain: boolean,
): SpfTerm | Invalid {
  const match = /^([^/]*)(?:\/(\d{1,3}))?(?:\/\/(\d{1,3}))?$/.exec(rest);
  const prefix4 = Number(match?.[2] ?? 32);
  const prefix6 = Number(match?.[3] ?? 128);
  if (!match || prefix4 > 32 || prefix6 > 128) return invalid(word, "has no prefix length of an IP network");
  const domain = match[1] ?? "";
  if (hasDomain && !isDomainSpec(domain)) return invalid(word, "names no domain");
  return { kind, qualifier, domain: hasDomain ? domain.toLowerCase() : null, prefix4, prefix6 };
}

function readNetwork(word: string, kind: "ip4" | "ip6", qualifier: SpfQualifier, value: string): SpfTerm | Invalid {
  const [address = "", prefix, ...more] = value.split("/");
  const whole = kind === "ip4" ? 32 : 128;
  const length = prefix === undefined ? whole : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Infinity;
  const fits = kind === "ip4" ? isIPv4(address) : isIPv6(address) && !address.includes("%");
  if (!fits || more.length > 0 || length > whole) return invalid(word, `is no IPv${kind.slice(2)} network`);
  return { kind, qualifier, address, prefix: length };
}

/** §7.1, as far as it can be told before macros are replaced: labels and a last one that is no number. */
function isDomainSpec(text: string): boolean {
  if (hasMacro(text)) return /^[\x21-\x7e]+$/.test(text);
  return text.length <= 254 && /^[\x21-\x2e\x30-\x7e]+\.[a-z0-9-]*[a-z-][a-z0-9-]*\.?$/i.test(text);
}
