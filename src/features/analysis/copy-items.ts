/**
 * What the analysis has to say about the copies of a delivery. Pure: facts in, items out. An archive that is also a recipient, a bounce
 * mailbox or not there would spoil the archive or start a loop, so those are errors.
 */
import type { ChosenArchives } from "../../core/archive/choose-archives.ts";
import { parseAddress } from "../../core/address/parse-address.ts";
import { DAY, type Duration, HOUR, MINUTE } from "../../core/time.ts";
import type { ChecklistItem } from "../../contract/index.ts";

export type ArchiveFacts = {
  readonly id: number;
  readonly name: string;
  readonly enabled: boolean;
  /** Null: files or objects. */
  readonly address: string | null;
  /** Copies a minute that it is to get at most. */
  readonly ratePerMinute: number | null;
};

export type CopyFacts = {
  readonly chosen: ChosenArchives;
  /** The delivery itself asks for it. */
  readonly wantsStrict: boolean;
  /** Those that the choice names, unknown ones left out. */
  readonly archives: readonly ArchiveFacts[];
  readonly toDeliver: number;
  /** Bytes of a usual message; null when none could be made. */
  readonly messageBytes: number | null;
  /** Match keys of archives that the target contains. */
  readonly recipients: ReadonlySet<string>;
  /** Addresses that the delivery's messages name; personalised ones match nothing. */
  readonly sender: string;
  readonly replyTo: string;
  readonly errorAddress: string;
  readonly unsubscribeAddress: string;
  /** Mail to it is read by Envoi itself; "" for none. */
  readonly bounceDomain: string;
  /** Copies owed by all deliveries, and how many may be. */
  readonly owed: number;
  readonly debtLimit: number;
};

const DEBT_WARNING = 0.8;
const INERT =
  " Inert: a copy differs from its message in its tokens, so that what is opened in the archive counts nothing.";

export function copyItems(facts: CopyFacts): ChecklistItem[] {
  const { chosen } = facts;
  if (chosen.kind === "off") return [];
  const items = chosen.kind === "none" ? missingItems(chosen.unknown, facts.archives) : [];
  if (chosen.kind === "chosen" && facts.messageBytes !== null && facts.toDeliver > 0) {
    items.push(volumeItem(chosen, facts, facts.messageBytes));
  }
  if (chosen.kind === "chosen" && facts.wantsStrict && !chosen.archive.strict) {
    const detail =
      "Copies are made after their messages have left, so no message can wait for its copy. Choose before.";
    items.push({ id: "archive-strict", level: "warning", title: "Strict has no effect", detail });
  }
  for (const archive of facts.archives) {
    if (archive.enabled && archive.address !== null) items.push(...addressItems(archive.name, archive.address, facts));
  }
  if (facts.owed > facts.debtLimit * DEBT_WARNING) {
    items.push({
      id: "archive-debt",
      level: "warning",
      title: `${count(facts.owed)} copies are owed to archives already, of at most ${count(facts.debtLimit)}`,
      detail: "Beyond the limit deliveries with copies wait until the archives have taken enough of them.",
    });
  }
  return items;
}

function missingItems(unknown: readonly string[], archives: readonly ArchiveFacts[]): ChecklistItem[] {
  if (unknown.length === 0) {
    const detail = "BCC is on, and the rules of the enabled archives match neither the sender's domain nor the nature.";
    return [{ id: "archive-missing", level: "error", title: "No archive takes the copies", detail }];
  }
  return unknown.map((id) => {
    const disabled = archives.find((archive) => String(archive.id) === id);
    if (!disabled) {
      const detail = `BCC is on for archive ${id}, which does not exist or was removed.`;
      return { id: "archive-unknown", level: "error", title: `There is no archive ${id}`, detail };
    }
    const detail = "BCC is on for it. Enable it, or choose another one.";
    return { id: "archive-disabled", level: "error", title: `The archive "${disabled.name}" is disabled`, detail };
  });
}

/** "BCC on: 95,188 copies, 1.1 GB, at 400/min about 4 h" */
function volumeItem(
  { archive: { timing, strict, copy } }: Extract<ChosenArchives, { kind: "chosen" }>,
  { archives, toDeliver }: CopyFacts,
  messageBytes: number,
): ChecklistItem {
  const copies = toDeliver * archives.length;
  const rates = archives.flatMap(({ ratePerMinute }) => ratePerMinute ?? []);
  // Archives take copies side by side: the slowest decides.
  const slowest = rates.length === 0 ? null : Math.min(...rates);
  const duration =
    slowest === null ? "" : `, at ${count(slowest)}/min about ${roughly((toDeliver / slowest) * MINUTE)}`;
  const order =
    timing === "after"
      ? "After: only what the receiving servers accept is copied."
      : strict
        ? "Before, strict: no message leaves unless its copies were accepted, so the delivery is as slow as its archive."
        : "Before: each message is copied before it leaves; what an archive does not take is owed and copied later.";
  return {
    id: "archive",
    level: "info",
    title: `BCC on: ${count(copies)} ${copies === 1 ? "copy" : "copies"}, ${bytes(copies * messageBytes)}${duration}`,
    detail: `${order}${copy === "inert" ? INERT : ""} To ${archives.map(({ name }) => `"${name}"`).join(", ")}.`,
  };
}

function addressItems(name: string, text: string, facts: CopyFacts): ChecklistItem[] {
  const address = parseAddress(text);
  if (address.kind !== "valid") {
    const detail = `"${text}" ${address.kind === "empty" ? "is empty" : address.reason}.`;
    return [
      { id: "archive-address-invalid", level: "error", title: `The archive "${name}" has no valid address`, detail },
    ];
  }
  const items: ChecklistItem[] = [];
  const add = (id: string, level: "error" | "warning", title: string, detail: string) =>
    items.push({ id, level, title: `The archive "${name}" is ${title}`, detail });
  const is = (other: string) => {
    const parsed = parseAddress(other);
    return parsed.kind === "valid" && parsed.matchKey === address.matchKey;
  };
  if (facts.recipients.has(address.matchKey)) {
    add("archive-recipient", "error", "a recipient of this delivery", "It would get an original beside the copies.");
  }
  if (facts.bounceDomain !== "" && is(`${localPart(address.envelope)}@${facts.bounceDomain}`)) {
    add(
      "archive-loop",
      "error",
      "on the bounce domain",
      "Envoi reads that mail itself: copies would be taken for bounces.",
    );
  } else if (is(facts.errorAddress)) {
    add("archive-loop", "error", "the error address", "A copy that bounces would come back to the archive, and so on.");
  } else if (is(facts.unsubscribeAddress)) {
    add("archive-loop", "error", "the address for unsubscribing", "Copies would be taken for wishes to unsubscribe.");
  }
  if (is(facts.sender)) add("archive-sender", "warning", "the sender address", "Answers get mixed with copies.");
  if (facts.replyTo !== "" && is(facts.replyTo)) {
    add("archive-reply-to", "warning", "the reply-to address", "Answers get mixed with copies.");
  }
  return items;
}

function localPart(envelope: string): string {
  return envelope.slice(0, envelope.lastIndexOf("@"));
}

function count(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}

const UNITS = ["kB", "MB", "GB", "TB"];

/** 1.1 GB, 12 MB: two figures are more than is known. */
function bytes(n: number): string {
  let value = n / 1000;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 10 ? Math.max(0.1, value).toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

function roughly(duration: Duration): string {
  if (duration < 1.5 * MINUTE) return "1 min";
  if (duration < 1.5 * HOUR) return `${Math.round(duration / MINUTE)} min`;
  return duration < 2 * DAY ? `${Math.round(duration / HOUR)} h` : `${Math.round(duration / DAY)} days`;
}
