/**
 * The editor without a DOM: a draft of plain strings, what it becomes for the API, and which field each refusal belongs to
 * (RFC 9457 `errors[].pointer`, RFC 6901).
 */
import type {
  Checklist,
  ChecklistItem,
  CreateDelivery,
  Delivery,
  Problem,
  Settings,
} from "../../../src/contract/index.ts";

export type AudienceKind = "all" | "import" | "list";

export type Draft = {
  label: string;
  fromName: string;
  fromAddress: string;
  replyTo: string;
  errorAddress: string;
  validity: string;
  audience: AudienceKind;
  audienceId: string;
  subject: string;
  html: string;
  text: string;
};
export type Field = keyof Draft;

export const emptyDraft = (importId?: string): Draft => ({
  label: "",
  fromName: "",
  fromAddress: "",
  replyTo: "",
  errorAddress: "",
  validity: "5d",
  audience: importId === undefined ? "all" : "import",
  audienceId: importId ?? "",
  subject: "",
  html: "",
  text: "",
});

export function draftOf({ label, sender, settings, audience, content }: Delivery): Draft {
  const [kind, id]: [AudienceKind, string] =
    "import" in audience ? ["import", audience.import] : "list" in audience ? ["list", audience.list] : ["all", ""];
  return {
    label,
    fromName: sender.name,
    fromAddress: sender.address,
    replyTo: sender.replyTo ?? "",
    errorAddress: sender.errorAddress ?? "",
    validity: settings.validity,
    audience: kind,
    audienceId: id,
    subject: content.subject,
    html: content.html ?? "",
    text: content.text ?? "",
  };
}

/** Settings that this page does not show (headers, routes, DKIM …) are kept as they were. */
export function requestOf(
  draft: Draft,
  kept: Settings | undefined,
): Omit<CreateDelivery, "settings"> & { settings: Partial<Settings> } {
  return {
    label: draft.label.trim(),
    sender: {
      name: draft.fromName.trim(),
      address: draft.fromAddress.trim(),
      ...filled("replyTo", draft.replyTo),
      ...filled("errorAddress", draft.errorAddress),
    },
    content: {
      subject: draft.subject,
      syntax: "liquid",
      ...filled("html", draft.html, false),
      ...filled("text", draft.text, false),
    },
    audience: audienceOf(draft),
    settings: { ...kept, validity: draft.validity.trim() },
  };
}

function filled<K extends string>(name: K, value: string, trim = true): { [N in K]?: string } {
  const kept = trim ? value.trim() : value;
  return (kept.trim() === "" ? {} : { [name]: kept }) as { [N in K]?: string };
}

function audienceOf(draft: Draft): CreateDelivery["audience"] {
  switch (draft.audience) {
    case "all":
      return { all: true };
    case "list":
      return { list: draft.audienceId };
    case "import":
      return { import: draft.audienceId };
  }
}

/** Longest pointers first: `/sender/address` must not be caught by `/sender`. */
const POINTERS: readonly [string, Field][] = [
  ["/sender/errorAddress", "errorAddress"],
  ["/settings/validity", "validity"],
  ["/sender/replyTo", "replyTo"],
  ["/sender/address", "fromAddress"],
  ["/content/subject", "subject"],
  ["/content/html", "html"],
  ["/content/text", "text"],
  ["/sender/name", "fromName"],
  ["/audience", "audienceId"],
  ["/content", "html"],
  ["/sender", "fromAddress"],
  ["/label", "label"],
];

export type FieldErrors = { fields: Partial<Record<Field, string>>; others: string[] };

export function errorsOf(problem: Problem | null): FieldErrors {
  const fields: Partial<Record<Field, string>> = {};
  const others: string[] = [];
  for (const { pointer, message } of problem?.errors ?? []) {
    const field = POINTERS.find(([prefix]) => pointer === prefix || pointer.startsWith(`${prefix}/`))?.[1];
    if (field === undefined) others.push(pointer === "" ? message : `${pointer}: ${message}`);
    else fields[field] = fields[field] === undefined ? message : `${fields[field]}\n${message}`;
  }
  return { fields, others };
}

export type Step =
  | { kind: "save" }
  | { kind: "analyse" }
  | { kind: "analysing" }
  | { kind: "blocked"; errors: number }
  | { kind: "send"; people: number }
  | { kind: "read-only" };

/** The one primary act of the page, from the state of the delivery, the draft and the checklist. */
export function nextStep(delivery: Delivery, dirty: boolean, checklist: Checklist | undefined): Step {
  if (delivery.state === "analysing") return { kind: "analysing" };
  if (delivery.state !== "editing" && delivery.state !== "ready") return { kind: "read-only" };
  if (dirty) return { kind: "save" };
  if (!delivery.analysed || checklist === undefined || !checklist.analysed) return { kind: "analyse" };
  const errors = checklist.items.filter((item) => item.level === "error").length;
  if (errors > 0 || !checklist.ready) return { kind: "blocked", errors };
  return { kind: "send", people: checklist.toDeliver };
}

const RANK: Record<ChecklistItem["level"], number> = { error: 0, warning: 1, info: 2 };

export const inOrder = (items: readonly ChecklistItem[]): ChecklistItem[] =>
  items.toSorted((left, right) => RANK[left.level] - RANK[right.level]);

export const countOf = (items: readonly ChecklistItem[], level: ChecklistItem["level"]): number =>
  items.filter((item) => item.level === level).length;
