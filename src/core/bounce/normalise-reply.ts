/**
 * One text for many replies that differ only in ids, hosts, numbers and addresses: variable parts become `#xxx#`, addresses
 * `*`. Used to count, show and qualify reply texts once. Not used for matching rules.
 */
import { replaceAddresses } from "./words.ts";

const MAX_CHARS = 2000;

/** Each alternative is a fixed shape or a run without overlap, so replacing is linear. */
const VARIABLE = new RegExp(
  [
    String.raw`\[[0-9a-f:.]{2,60}\]`, // [192.0.2.1], [2001:db8::1]
    String.raw`\b\d{1,3}(?:\.\d{1,3}){3}\b`, // 192.0.2.1
    String.raw`\b[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,7}\b`, // 2001:db8::1
  ].join("|"),
  "gi",
);

/** Codes that carry meaning and stay: basic and enhanced status codes. */
const STATUS = /^#?(?:[245]\d\d|[245]\.\d{1,3}\.\d{1,3})$/;

export function normaliseReply(text: string): string {
  const plain = replaceAddresses(text.slice(0, MAX_CHARS).replace(/\s+/g, " ").trim(), "*");
  return plain
    .replace(VARIABLE, "#xxx#")
    .replace(/[^\s<>()[\],;"'=]+/g, (token) => (isVariable(token) ? "#xxx#" : token))
    .replace(/#xxx#(?:[-_.:/ ]?#xxx#)+/g, "#xxx#");
}

/** A number, or letters and digits mixed as in queue ids, host numbers and time stamps. */
function isVariable(token: string): boolean {
  if (!/\d/.test(token)) return false;
  const core = token.replace(/[.:!?]+$/, "");
  if (core.includes("#xxx#") || STATUS.test(core.replace(/-(?=\d)/g, " ").split(" ")[0] ?? "")) return false;
  if (core.startsWith("http://") || core.startsWith("https://")) return false;
  const digits = core.replace(/\D/g, "").length;
  return digits >= 1 && (/^[\d.,:/+-]+$/.test(core) || digits >= 3 || core.includes("."));
}
