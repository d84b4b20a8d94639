/** Which of its parts a message has: the delivery's choice, the recipient's preference, what their domain can show. */
import type { FormatChoice, Manifest, MessageFormat } from "./manifest.ts";

/** The attribute that a recipient's preference is read from. */
export const FORMAT_ATTRIBUTE = "email_format";

/** By pattern, the number of the rule and its format: there may be a hundred thousand patterns, and every message asks. */
export type FormatRules = ReadonlyMap<string, { readonly index: number; readonly format: MessageFormat }>;

export function compileRules(rules: Manifest["formatRules"]): FormatRules {
  const byPattern = new Map<string, { index: number; format: MessageFormat }>();
  for (const [index, { domains, format }] of rules.entries()) {
    for (const pattern of domains) if (!byPattern.has(pattern)) byPattern.set(pattern, { index, format });
  }
  return byPattern;
}

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
  const ruled = formatOf(rules, domain);
  if (ruled !== null && ruled !== "alternative") return ruled;
  return choice === "recipient" ? preferred(preference) : choice;
}

/** Of the first rule that matches; `*.example.jp` stands for the subdomains, not for the domain itself. */
function formatOf(rules: FormatRules, domain: string): MessageFormat | null {
  if (rules.size === 0) return null;
  let first = rules.get(domain);
  for (let dot = domain.indexOf("."); dot >= 0; dot = domain.indexOf(".", dot + 1)) {
    const rule = rules.get(`*${domain.slice(dot)}`);
    if (rule !== undefined && (first === undefined || rule.index < first.index)) first = rule;
  }
  return first?.format ?? null;
}

function preferred(preference: unknown): MessageFormat {
  const wish = typeof preference === "string" ? preference.trim().toLowerCase() : "";
  return wish === "html" || wish === "text" ? wish : "alternative";
}
