/**
 * What the editor decides without a DOM: which field each refusal belongs to (RFC 9457 `errors[].pointer`, RFC 6901), where a problem
 * of the content leads, what the one primary button does.
 */
import type { Checklist, ChecklistItem, ContentProblem, Delivery, Problem } from "../../../src/contract/index.ts";
import { placedMessage } from "../../parts/text-place.ts";
import type { Field } from "./draft.ts";

/** Longest pointers first: `/sender/address` must not be caught by `/sender`. */
const POINTERS: readonly [string, Field][] = [
  ["/settings/tracking/expiredUrl", "expiredUrl"],
  ["/settings/tracking/validity", "trackingValidity"],
  ["/settings/resourceValidity", "resourceValidity"],
  ["/settings/attachments", "attachments"],
  ["/settings/variables", "variables"],
  ["/settings/retries/count", "retryCount"],
  ["/settings/retries/period", "retryPeriod"],
  ["/settings/exclude", "exclude"],
  ["/settings/validity", "validity"],
  ["/settings/priority", "priority"],
  ["/settings/retries", "retries"],
  ["/settings/speed", "speed"],
  ["/settings/pool", "pool"],
  ["/settings/typology", "typology"],
  ["/settings/mode", "mode"],
  ["/settings/dsn", "dsn"],
  ["/settings/archive", "archive"],
  ["/settings/charset", "charset"],
  ["/settings/headers", "headers"],
  ["/settings/mirror", "mirror"],
  ["/settings/format", "format"],
  ["/sender/errorAddress", "errorAddress"],
  ["/settings/links", "links"],
  ["/sender/replyToName", "replyToName"],
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

export type FieldErrors = {
  fields: Partial<Record<Field, string>>;
  /** Of HTML and text, where the refusal names line and column. */
  placed: ContentProblem[];
  others: string[];
};

/** `lineWords`: how "line 3: …" is said. */
export function errorsOf(problem: Problem | null, lineWords: (line: number, message: string) => string): FieldErrors {
  const fields: Partial<Record<Field, string>> = {};
  const placed: ContentProblem[] = [];
  const others: string[] = [];
  for (const { pointer, code, message } of problem?.errors ?? []) {
    const [prefix, field] = POINTERS.find(([at]) => pointer === at || pointer.startsWith(`${at}/`)) ?? [];
    if (prefix === undefined || field === undefined) {
      others.push(pointer === "" ? message : `${pointer}: ${message}`);
      continue;
    }
    const place = field === "html" || field === "text" || field === "subject" ? placedMessage(message) : null;
    if (place !== null) placed.push({ part: field, code, ...place });
    else fields[field] = joined(fields[field], wordsFor(field, pointer.slice(prefix.length), message, lineWords));
  }
  return { fields, placed, others };
}

const joined = (before: string | undefined, message: string): string =>
  before === undefined ? message : `${before}\n${message}`;

/** A list has one field on the screen: its refusals say which line of it they mean. */
function wordsFor(field: Field, rest: string, message: string, lineWords: (line: number, message: string) => string) {
  const [, first] = rest.split("/");
  if (first === undefined) return message;
  if (field === "headers" || field === "attachments") return lineWords(Number(first) + 1, message);
  return field === "variables" ? `${first.replaceAll("~1", "/").replaceAll("~0", "~")}: ${message}` : message;
}

/** Which field a problem of the content is about; null for a block, which has a page of its own. */
export function fieldOfPart(part: string): Field | null {
  switch (part) {
    case "subject":
    case "html":
    case "text":
    case "replyTo":
    case "errorAddress":
      return part;
    case "from":
      return "fromName";
    default:
      if (part.startsWith("header:")) return "headers";
      return part.startsWith("attachment:") ? "attachments" : null;
  }
}

export const blockOfPart = (part: string): string | null =>
  part.startsWith("block:") ? part.slice("block:".length) : null;

/** The header that a problem names, as a line of the field: its first line of that name, from 1. */
export function lineOfHeader(part: string, headers: string): number {
  const name = `${part.slice("header:".length).toLowerCase()}:`;
  const index = headers.split("\n").findIndex((line) => line.toLowerCase().startsWith(name));
  return Math.max(0, index) + 1;
}

export const SECTIONS = [
  "format",
  "tracking",
  "unsubscribe",
  "mirror",
  "headers",
  "attachments",
  "variables",
  "sending",
] as const;
export type Section = (typeof SECTIONS)[number];

const SECTION_OF: Partial<Record<Field, Section>> = {
  format: "format",
  charset: "format",
  inlineCss: "format",
  generateText: "format",
  embedImages: "format",
  clicks: "tracking",
  opens: "tracking",
  trackingValidity: "tracking",
  expiredUrl: "tracking",
  honeypot: "tracking",
  nature: "unsubscribe",
  listUnsubscribe: "unsubscribe",
  mirror: "mirror",
  resourceValidity: "mirror",
  headers: "headers",
  errorAddress: "headers",
  attachments: "attachments",
  variables: "variables",
  typology: "sending",
  pool: "sending",
  priority: "sending",
  speed: "sending",
  validity: "sending",
  retries: "sending",
  retryCount: "sending",
  retryPeriod: "sending",
  dsn: "sending",
  mode: "sending",
};

/** The folded section that a field lies in. */
export const sectionOf = (field: Field): Section | undefined => SECTION_OF[field];

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
