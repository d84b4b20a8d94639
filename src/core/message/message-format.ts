/** Which of its parts a message has: the delivery's choice, the recipient's preference, what their domain can show. */
import type { FormatChoice, Manifest, MessageFormat } from "./manifest.ts";

export type FormatRules = Manifest["formatRules"];

/** The attribute that a recipient's preference is read from. */
export const FORMAT_ATTRIBUTE = "email_format";

export type FormatFacts = {
  readonly choice: FormatChoice;
  readonly rules: FormatRules;
  /** Of the recipient; ASCII, lower case. */
  readonly domain: string;
  /** What the recipient's attribute says. */
  readonly preference: unknown;
  readonly hasHtml: boolean;
  readonly hasText: boolean;
};

/**
 * A rule is about what a domain can show: `html` and `text` win over any choice, `alternative` leaves it open (an exception
 * before a wider rule). A part that does not exist is replaced by the other one.
 */
export function chooseFormat({ choice, rules, domain, preference, hasHtml, hasText }: FormatFacts): MessageFormat {
  if (!hasText) return "html";
  if (!hasHtml) return "text";
  const rule = rules.find(({ domains }) => domains.some((pattern) => matches(pattern, domain)));
  if (rule !== undefined && rule.format !== "alternative") return rule.format;
  return choice === "recipient" ? preferred(preference) : choice;
}

/** `*.example.jp` stands for the subdomains, not for the domain itself. */
function matches(pattern: string, domain: string): boolean {
  return pattern.startsWith("*.") ? domain.endsWith(pattern.slice(1)) : pattern === domain;
}

function preferred(preference: unknown): MessageFormat {
  const wish = typeof preference === "string" ? preference.trim().toLowerCase() : "";
  return wish === "html" || wish === "text" ? wish : "alternative";
}
