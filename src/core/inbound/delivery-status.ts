/**
 * The fields of a delivery report (RFC 3464, RFC 6533): some of the whole message, then a group for each recipient. Read as
 * programs write them: groups without a blank line between, or with one inside; lines that go on without a blank; no Action.
 */
import { readReply } from "../bounce/read-reply.ts";
import { afterType, fromXtext, readReportAddress } from "./report-address.ts";
import type { RecipientReport, ReportAction } from "./reading.ts";

export type DeliveryStatus = {
  /** RFC 3461 ENVID, decoded. */
  readonly envelopeId: string | null;
  readonly reports: readonly RecipientReport[];
};

/** Fields of one group, names in lower case. */
type Group = Map<string, string>;

/** A report names at most this many recipients; lists of more are sent in pieces. */
const MAX_RECIPIENTS = 1000;
const MAX_LINES = 20_000;
/** Characters of one value: eight lines of a reply and what stands around them. */
const MAX_VALUE = 4000;
/** `text` of an answer. */
const MAX_TEXT = 2000;

export function readDeliveryStatus(text: string): DeliveryStatus {
  const groups = groupsOf(text);
  const reports = groups.flatMap((group) => {
    const report = readGroup(group);
    return report === null ? [] : [report];
  });
  const envelopeId = groups.find((group) => group.has("original-envelope-id"))?.get("original-envelope-id") ?? "";
  return { envelopeId: fromXtext(envelopeId) || null, reports };
}

/** Names of hosts in what follows would look like fields: `http://…`, `smtp:…`. */
const FIELD = /^([A-Za-z][A-Za-z0-9-]{1,60})[ \t]{0,10}:(?!\/\/)[ \t]*/;
const KNOWN =
  /^(?:x-.+|(?:reporting|remote|received-from)-mta|(?:original|final)-recipient|dsn-gateway|original-envelope-id|arrival-date|last-attempt-date|will-retry-until|action|status|diagnostic-code|final-log-id|supplementary-info|failure-reason|localized-.+)$/;
const OPENING = ["final-recipient", "original-recipient", "action"];

function groupsOf(text: string): Group[] {
  let group: Group = new Map();
  const groups = [group];
  let last: string | null = null;
  let isAfterBlank = false;
  for (const line of text.split("\n", MAX_LINES)) {
    if (line.trim() === "") {
      isAfterBlank = true;
      continue;
    }
    const field = /^[ \t]/.test(line) && !isAfterBlank ? null : FIELD.exec(line.trim());
    const name = field?.[1]?.toLowerCase();
    if (field === null || name === undefined || (!KNOWN.test(name) && last !== null && !isAfterBlank)) {
      if (last !== null && !isAfterBlank) append(group, last, line.trim());
      continue;
    }
    if (isAfterBlank ? opensGroup(group, name) : OPENING.includes(name) && group.has(name)) {
      if (groups.length > MAX_RECIPIENTS) break;
      groups.push((group = new Map()));
    }
    append(group, name, line.trim().slice(field[0].length));
    last = name;
    isAfterBlank = false;
  }
  return groups;
}

/** Some write a blank line between the recipient and what became of it. */
function opensGroup(group: Group, name: string): boolean {
  const isHalf = namesRecipient(group) && !group.has("action") && !group.has("status");
  return group.size > 0 && (!isHalf || group.has(name));
}

/** A field that comes twice, as Diagnostic-Code does with some, says both; names and statuses only the first. */
function append(group: Group, name: string, value: string): void {
  const before = group.get(name);
  if (before === undefined) group.set(name, value.slice(0, MAX_VALUE));
  else if (before.length < MAX_VALUE && before !== value) {
    group.set(name, `${before} ${value}`.trim().slice(0, MAX_VALUE));
  }
}

function namesRecipient(group: Group): boolean {
  return group.has("final-recipient") || group.has("original-recipient") || group.has("x-actual-recipient");
}

function readGroup(group: Group): RecipientReport | null {
  if (!namesRecipient(group) && !group.has("action")) return null;
  const status = afterType(group.get("status"));
  const text = diagnosticOf(group) || status;
  const read = readReply(text);
  const enhanced = chooseEnhanced(enhancedIn(status), read.enhanced);
  const action = readAction(group, enhancedIn(status) ?? read.enhanced, read.code);
  if (action === null) return null;
  const final = readReportAddress(group.get("final-recipient"));
  const original = readReportAddress(fromXtext(afterType(group.get("original-recipient"))));
  const address = final ?? readReportAddress(group.get("x-actual-recipient")) ?? original;
  return {
    address,
    original: original !== null && original.toLowerCase() !== address?.toLowerCase() ? original : null,
    action,
    answer: { stage: "async", code: read.code, enhanced, text, mx: readHost(group.get("remote-mta")) },
  };
}

/** One line, without its type (`smtp;`). */
function diagnosticOf(group: Group): string {
  const given = [
    "diagnostic-code",
    "x-diagnostic-code",
    "supplementary-info",
    "x-supplementary-info",
    "failure-reason",
  ];
  const value = given.map((name) => afterType(group.get(name))).find((text) => text !== "") ?? "";
  return value.replace(/\s+/g, " ").trim().slice(0, MAX_TEXT);
}

function enhancedIn(status: string): string | null {
  return /^[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)/.exec(status)?.[0] ?? null;
}

/** The server's own code says more than the one the reporting program made of its reply, unless it is the one for everything. */
function chooseEnhanced(status: string | null, quoted: string | null): string | null {
  if (quoted === null || status === null) return quoted ?? status;
  return quoted.endsWith(".0.0") ? status : quoted;
}

const ACTIONS: readonly (readonly [RegExp, ReportAction])[] = [
  [/^(?:fail|perm|undeliver|reject|error|bounce)/, "failed"],
  [/^(?:delay|defer|trans|temp|warn)/, "delayed"],
  [/^deliver/, "delivered"],
  [/^relay/, "relayed"],
  [/^expand/, "expanded"],
];

/** RFC 3464 §2.3.3. Without an Action that anybody knows the codes say it; null: nothing does. */
function readAction(group: Group, enhanced: string | null, code: number | null): ReportAction | null {
  const given = (group.get("action") ?? "").toLowerCase();
  const found = ACTIONS.find(([pattern]) => pattern.test(given))?.[1];
  if (found !== undefined) return found;
  const digit = enhanced === null ? Math.floor((code ?? 0) / 100) : Number(enhanced.charAt(0));
  if (digit === 2) return "delivered";
  if (digit === 4) return group.has("will-retry-until") ? "delayed" : "failed";
  return digit === 5 ? "failed" : null;
}

/** `dns; mx.one.example (192.0.2.1)` → `mx.one.example`; null when it is no name. */
function readHost(value: string | undefined): string | null {
  const name = /^[a-z0-9_.-]{1,255}/i.exec(afterType(value))?.[0].toLowerCase().replace(/\.$/, "") ?? "";
  return name.includes(".") && /[a-z]/.test(name) ? name : null;
}
