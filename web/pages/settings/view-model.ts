/** The platform's settings as a form: texts as typed, format rules one line each, those of the archive beside the others. */
import type { PlatformSettings, Problem } from "../../../src/contract/index.ts";
import type { StoredSettings } from "../../queries.ts";
import { type QuarantineDraft, quarantineDraft, quarantineRequest } from "./quarantine-draft.ts";
import { type SenderDraft, senderDraft, senderRequest } from "./sender-draft.ts";
import { wordsOf } from "./words.ts";

type Rule = PlatformSettings["formatRules"][number];
export type RuleDraft = { domains: string; format: Rule["format"] };

type Archive = PlatformSettings["archive"];
type Plain = Omit<
  PlatformSettings,
  | "formatRules"
  | "maxAttachmentBytes"
  | "archive"
  | "quarantine"
  | "start"
  | "retention"
  | "alerts"
  | "sender"
  | "senderMasks"
>;

export type SettingsDraft = Plain &
  Pick<Archive, "timing" | "strict" | "copy" | "giveUpAfter"> & {
    formatRules: readonly RuleDraft[];
    /** In megabytes, as typed. */
    maxAttachment: string;
    /** Empty: the server's default. */
    debtLimit: number | "";
    /** One a line. */
    readerNetworks: string;
    readerAgents: string;
    quarantine: QuarantineDraft;
    senders: SenderDraft;
    /** No field shows it: it stays as it is. */
    start: PlatformSettings["start"];
    /** Has a page of its own. */
    alerts: PlatformSettings["alerts"];
    retention: PlatformSettings["retention"];
  };
type AnyField = keyof SettingsDraft | keyof QuarantineDraft | keyof SenderDraft;
/** Fields of one line of text. */
export type PlainField = Exclude<keyof Plain, "language"> | "maxAttachment";

const MEGABYTE = 1_000_000;
const DEFAULT_DEBT_LIMIT = 100_000;

export function draftOf({
  version: _version,
  formatRules,
  maxAttachmentBytes,
  archive: { readers, ...archive },
  quarantine,
  sender,
  senderMasks,
  ...rest
}: StoredSettings): SettingsDraft {
  return {
    ...rest,
    ...archive,
    quarantine: quarantineDraft(quarantine),
    senders: senderDraft({ sender, senderMasks }),
    readerNetworks: readers.networks.join("\n"),
    readerAgents: readers.userAgents.join("\n"),
    formatRules: formatRules.map(({ domains, format }) => ({ domains: domains.join(" "), format })),
    maxAttachment: String(maxAttachmentBytes / MEGABYTE),
  };
}

/** A user agent may have blanks: only line ends part them. */
const linesOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");

export function requestOf(draft: SettingsDraft): PlatformSettings {
  const {
    formatRules,
    maxAttachment,
    timing,
    strict,
    copy,
    giveUpAfter,
    debtLimit,
    readerNetworks,
    readerAgents,
    quarantine,
    senders,
    start,
    alerts,
    retention,
    ...plain
  } = draft;
  const texts = Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, value.trim()]));
  return {
    ...plain,
    ...(texts as Partial<Plain>),
    quarantine: quarantineRequest(quarantine),
    ...senderRequest(senders),
    start,
    alerts,
    retention: Object.fromEntries(
      Object.entries(retention).map(([name, period]) => [name, period.trim()]),
    ) as PlatformSettings["retention"],
    archive: {
      timing,
      strict,
      copy,
      giveUpAfter: giveUpAfter.trim(),
      debtLimit: debtLimit === "" ? DEFAULT_DEBT_LIMIT : debtLimit,
      readers: { networks: wordsOf(readerNetworks), userAgents: linesOf(readerAgents) },
    },
    formatRules: formatRules.map(({ domains, format }) => ({ domains: wordsOf(domains), format })),
    maxAttachmentBytes: Math.round(Number(maxAttachment.replace(",", ".")) * MEGABYTE),
  };
}

/** JSON has no way to say what is no number. */
export const isSize = (text: string): boolean => /^\s*\d{1,6}([.,]\d{1,6})?\s*$/.test(text);

const POINTERS: readonly [string, AnyField][] = [
  ["/organisation", "organisation"],
  ["/logoUrl", "logoUrl"],
  ["/language", "language"],
  ["/sender/name", "senderName"],
  ["/sender/address", "senderAddress"],
  ["/sender/replyToName", "replyToName"],
  ["/sender/replyTo", "replyTo"],
  ["/senderMasks/address", "addressMasks"],
  ["/senderMasks/errorAddress", "errorMasks"],
  ["/errorAddress", "errorAddress"],
  ["/unqualifiedAddress", "unqualifiedAddress"],
  ["/forwardAddress", "forwardAddress"],
  ["/feedbackAddress", "feedbackAddress"],
  ["/inboundRetention", "inboundRetention"],
  ["/bounceDomain", "bounceDomain"],
  ["/unsubscribeAddress", "unsubscribeAddress"],
  ["/formatRules", "formatRules"],
  ["/maxAttachmentBytes", "maxAttachment"],
  ["/validityCap", "validityCap"],
  ["/archive/timing", "timing"],
  ["/archive/strict", "strict"],
  ["/archive/copy", "copy"],
  ["/archive/giveUpAfter", "giveUpAfter"],
  ["/archive/debtLimit", "debtLimit"],
  ["/archive/readers/networks", "readerNetworks"],
  ["/archive/readers/userAgents", "readerAgents"],
  ["/quarantine/foldLocalPart", "foldLocalPart"],
  ["/quarantine/limit", "softLimit"],
  ["/quarantine/gap", "gap"],
  ["/quarantine/resetAfter", "resetAfter"],
  ["/quarantine/reasons", "reasons"],
  ["/quarantine/guard/enabled", "guardEnabled"],
  ["/quarantine/guard/factor", "guardFactor"],
  ["/quarantine/guard/least", "guardLeast"],
  ["/retention", "retention"],
];

export type SettingsErrors = {
  fields: Partial<Record<AnyField, string>>;
  /** By the name of the period. */
  periods: Readonly<Record<string, string>>;
  others: string[];
};

export function errorsOf(problem: Problem | null): SettingsErrors {
  const fields: SettingsErrors["fields"] = {};
  const periods: Record<string, string> = {};
  const others: string[] = [];
  for (const { pointer, message } of problem?.errors ?? []) {
    const field = POINTERS.find(([at]) => pointer === at || pointer.startsWith(`${at}/`))?.[1];
    if (field === "retention") periods[pointer.split("/")[2] ?? ""] = message;
    else if (field === undefined) others.push(`${pointer}: ${message}`);
    else fields[field] = fields[field] === undefined ? message : `${fields[field]}\n${message}`;
  }
  return { fields, periods, others };
}
