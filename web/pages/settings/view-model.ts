/** The platform's settings as a form: texts as typed, format rules one line each. */
import type { PlatformSettings, Problem } from "../../../src/contract/index.ts";
import type { StoredSettings } from "../../queries.ts";

type Rule = PlatformSettings["formatRules"][number];
export type RuleDraft = { domains: string; format: Rule["format"] };

export type SettingsDraft = Omit<PlatformSettings, "formatRules" | "maxAttachmentBytes"> & {
  formatRules: readonly RuleDraft[];
  /** In megabytes, as typed. */
  maxAttachment: string;
};
export type SettingsField = keyof SettingsDraft;

const MEGABYTE = 1_000_000;

export function draftOf({
  version: _version,
  formatRules,
  maxAttachmentBytes,
  ...rest
}: StoredSettings): SettingsDraft {
  return {
    ...rest,
    formatRules: formatRules.map(({ domains, format }) => ({ domains: domains.join(" "), format })),
    maxAttachment: String(maxAttachmentBytes / MEGABYTE),
  };
}

/** Blanks, commas and line ends part the domains of a rule. */
const domainsOf = (text: string): string[] => text.split(/[\s,;]+/).filter((word) => word !== "");

export function requestOf({ formatRules, maxAttachment, ...rest }: SettingsDraft): PlatformSettings {
  const texts = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, value.trim()]));
  return {
    ...rest,
    ...(texts as Partial<PlatformSettings>),
    formatRules: formatRules.map(({ domains, format }) => ({ domains: domainsOf(domains), format })),
    maxAttachmentBytes: Math.round(Number(maxAttachment.replace(",", ".")) * MEGABYTE),
  };
}

/** JSON has no way to say what is no number. */
export const isSize = (text: string): boolean => /^\s*\d{1,6}([.,]\d{1,6})?\s*$/.test(text);

const POINTERS: readonly [string, SettingsField][] = [
  ["/organisation", "organisation"],
  ["/logoUrl", "logoUrl"],
  ["/language", "language"],
  ["/errorAddress", "errorAddress"],
  ["/unqualifiedAddress", "unqualifiedAddress"],
  ["/bounceDomain", "bounceDomain"],
  ["/unsubscribeAddress", "unsubscribeAddress"],
  ["/formatRules", "formatRules"],
  ["/maxAttachmentBytes", "maxAttachment"],
];

export type SettingsErrors = { fields: Partial<Record<SettingsField, string>>; others: string[] };

export function errorsOf(problem: Problem | null): SettingsErrors {
  const fields: Partial<Record<SettingsField, string>> = {};
  const others: string[] = [];
  for (const { pointer, message } of problem?.errors ?? []) {
    const field = POINTERS.find(([at]) => pointer === at || pointer.startsWith(`${at}/`))?.[1];
    if (field === undefined) others.push(`${pointer}: ${message}`);
    else fields[field] = fields[field] === undefined ? message : `${fields[field]}\n${message}`;
  }
  return { fields, others };
}
