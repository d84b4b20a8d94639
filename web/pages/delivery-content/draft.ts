/**
 * What is being typed, as fields of a form, and what it becomes for the API. Settings that no field shows (routes, DKIM …) are kept as
 * they were read.
 */
import type { Content, CreateDelivery, Delivery, Settings } from "../../../src/contract/index.ts";
import type { Count } from "../../parts/form-fields.ts";
import { type AudienceDraft, audienceDraft, audienceOf } from "./audience-draft.ts";

export type AttachmentDraft = { file: string; name: string; contentId: string };
export type VariableDraft = { name: string; value: string };

export type Draft = AudienceDraft & {
  label: string;
  fromName: string;
  fromAddress: string;
  replyToName: string;
  replyTo: string;
  errorAddress: string;
  /** No field shows it: it stays as it is. */
  unqualifiedAddress: string;
  exclude: Settings["exclude"];
  subject: string;
  html: string;
  text: string;
  syntax: Content["syntax"];
  inlineCss: boolean;
  generateText: boolean;
  embedImages: boolean;
  format: Settings["format"];
  charset: string;
  nature: Settings["nature"];
  listUnsubscribe: boolean;
  /** One `name: value` per line. */
  headers: string;
  mirror: Settings["mirror"];
  resourceValidity: string;
  clicks: boolean;
  opens: boolean;
  trackingValidity: string;
  expiredUrl: string;
  honeypot: boolean;
  attachments: readonly AttachmentDraft[];
  variables: readonly VariableDraft[];
  links: Settings["links"];
  /** Empty: the platform's default. */
  typology: string;
  /** Empty: the pool `default`, or the address that the system chooses. */
  pool: string;
  priority: Settings["priority"];
  /** Messages an hour; empty: as fast as limits let. */
  speed: Count;
  validity: string;
  retries: Settings["retries"]["mode"];
  /** Of fixed retries. */
  retryCount: Count;
  retryPeriod: string;
  /** Empty: none are asked for. */
  dsn: NonNullable<Settings["dsn"]> | "";
  mode: Settings["mode"];
  archive: Settings["archive"];
};
export type Field = keyof Draft;
export type SetField = <F extends Field>(field: F, value: Draft[F]) => void;

/** The server's defaults, said here so that they can be seen. */
export const emptyDraft = (audience: CreateDelivery["audience"] = { all: true }): Draft => ({
  label: "",
  fromName: "",
  fromAddress: "",
  replyToName: "",
  replyTo: "",
  errorAddress: "",
  unqualifiedAddress: "",
  ...audienceDraft(audience),
  exclude: [],
  subject: "",
  html: "",
  text: "",
  syntax: "liquid",
  inlineCss: true,
  generateText: true,
  embedImages: true,
  format: "recipient",
  charset: "utf-8",
  nature: "marketing",
  listUnsubscribe: true,
  headers: "",
  mirror: "default",
  resourceValidity: "180d",
  clicks: true,
  opens: true,
  trackingValidity: "180d",
  expiredUrl: "",
  honeypot: false,
  attachments: [],
  variables: [],
  links: [],
  typology: "",
  pool: "",
  priority: "normal",
  speed: "",
  validity: "5d",
  retries: "adaptive",
  retryCount: 5,
  retryPeriod: "1h",
  dsn: "",
  mode: "live",
  archive: { on: false },
});

export function draftOf({ label, sender, settings, audience, content }: Delivery): Draft {
  return {
    label,
    fromName: sender.name,
    fromAddress: sender.address,
    replyToName: sender.replyToName ?? "",
    replyTo: sender.replyTo ?? "",
    errorAddress: sender.errorAddress ?? "",
    unqualifiedAddress: sender.unqualifiedAddress ?? "",
    ...audienceDraft(audience),
    subject: content.subject,
    html: content.html ?? "",
    text: content.text ?? "",
    syntax: content.syntax,
    inlineCss: content.inlineCss ?? true,
    generateText: content.generateText ?? true,
    ...settingsDraft(settings),
  };
}

function settingsDraft(settings: Settings) {
  const { tracking } = settings;
  return {
    ...sendingDraft(settings),
    embedImages: settings.embedImages,
    format: settings.format,
    charset: settings.charset,
    nature: settings.nature,
    listUnsubscribe: settings.listUnsubscribe,
    headers: settings.headers.map(({ name, value }) => `${name}: ${value}`).join("\n"),
    mirror: settings.mirror,
    resourceValidity: settings.resourceValidity,
    clicks: tracking.clicks,
    opens: tracking.opens,
    trackingValidity: tracking.validity,
    expiredUrl: tracking.expiredUrl ?? "",
    honeypot: tracking.honeypot,
    attachments: settings.attachments.map(({ file, name = "", contentId = "" }) => ({ file, name, contentId })),
    variables: Object.entries(settings.variables).map(([name, value]) => ({ name, value })),
    links: settings.links,
    exclude: settings.exclude,
    archive: settings.archive,
  };
}

function sendingDraft({ typology, pool, speed, dsn, priority, validity, retries, mode }: Settings) {
  const { retryCount, retryPeriod } = emptyDraft();
  return {
    typology: typology ?? "",
    pool: pool ?? "",
    priority,
    speed: speed ?? ("" as const),
    validity,
    retries: retries.mode,
    retryCount: retries.mode === "fixed" ? retries.count : retryCount,
    retryPeriod: retries.mode === "fixed" ? retries.period : retryPeriod,
    dsn: dsn ?? ("" as const),
    mode,
  };
}

export type DeliveryRequest = Omit<CreateDelivery, "settings"> & { settings: Partial<Settings> };

export function requestOf(draft: Draft, read: Settings | undefined): DeliveryRequest {
  // What the form leaves out when it is empty must not come back from what was read.
  const { typology: _typology, pool: _pool, speed: _speed, dsn: _dsn, ...kept } = read ?? {};
  return {
    label: draft.label.trim(),
    sender: {
      name: draft.fromName.trim(),
      address: draft.fromAddress.trim(),
      ...filled("replyToName", draft.replyToName),
      ...filled("replyTo", draft.replyTo),
      ...filled("errorAddress", draft.errorAddress),
      ...filled("unqualifiedAddress", draft.unqualifiedAddress),
    },
    content: {
      subject: draft.subject,
      syntax: draft.syntax,
      ...filled("html", draft.html, false),
      ...filled("text", draft.text, false),
      ...(draft.inlineCss ? {} : { inlineCss: false }),
      ...(draft.generateText ? {} : { generateText: false }),
    },
    audience: audienceOf(draft),
    settings: { ...kept, ...settingsOf(draft) },
  };
}

function settingsOf(draft: Draft): Partial<Settings> {
  const { format, nature, listUnsubscribe, mirror, embedImages, links, clicks, opens, honeypot } = draft;
  return {
    format,
    nature,
    listUnsubscribe,
    mirror,
    embedImages,
    charset: draft.charset.trim(),
    headers: headersOf(draft.headers),
    resourceValidity: draft.resourceValidity.trim(),
    tracking: {
      clicks,
      opens,
      honeypot,
      validity: draft.trackingValidity.trim(),
      ...filled("expiredUrl", draft.expiredUrl),
    },
    attachments: draft.attachments.map(({ file, name, contentId }) => ({
      file,
      ...filled("name", name),
      ...filled("contentId", contentId),
    })),
    variables: Object.fromEntries(draft.variables.map(({ name, value }) => [name.trim(), value])),
    links,
    exclude: draft.exclude,
    archive: draft.archive,
    ...sendingOf(draft),
  };
}

function sendingOf({ priority, speed, dsn, mode, ...draft }: Draft): Partial<Settings> {
  const count = draft.retryCount === "" ? 5 : draft.retryCount;
  return {
    ...filled("typology", draft.typology),
    ...filled("pool", draft.pool),
    priority,
    ...(speed === "" ? {} : { speed }),
    validity: draft.validity.trim(),
    retries:
      draft.retries === "adaptive" ? { mode: "adaptive" } : { mode: "fixed", count, period: draft.retryPeriod.trim() },
    ...(dsn === "" ? {} : { dsn }),
    mode,
  };
}

/** A line end at the very end belongs to the last line. */
const headerLines = (text: string): string[] => (text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/));

/** Values go out as written, blanks at their end included: whether those may be is the server's to say. */
function headersOf(text: string): Settings["headers"] {
  return headerLines(text).map((line) => {
    const colon = line.indexOf(":");
    return { name: line.slice(0, colon), value: line.slice(colon + 1).replace(/^ /, "") };
  });
}

export type DraftProblem =
  | { field: "headers"; line: number; kind: "blank-line" | "no-colon" }
  | { field: "variables"; name: string; kind: "twice" };

/** What has no form in the API, and so cannot be refused by it. */
export function draftProblems(draft: Draft): DraftProblem[] {
  const lines = headerLines(draft.headers).flatMap((line, index): DraftProblem[] => {
    if (line.trim() === "") return [{ field: "headers", line: index + 1, kind: "blank-line" }];
    return line.includes(":") ? [] : [{ field: "headers", line: index + 1, kind: "no-colon" }];
  });
  const names = draft.variables.map(({ name }) => name.trim());
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [...lines, ...[...twice].map((name): DraftProblem => ({ field: "variables", name, kind: "twice" }))];
}

function filled<K extends string>(name: K, value: string, trim = true): { [N in K]?: string } {
  const kept = trim ? value.trim() : value;
  return (kept.trim() === "" ? {} : { [name]: kept }) as { [N in K]?: string };
}
