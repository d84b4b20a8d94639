/**
 * Fields of RFC 3464 that a notice prints among its own words: a report flattened to text by a gateway or a forwarding person, or a
 * program that writes them so. Read like a report, group by group.
 */
import { readReply } from "../../bounce/read-reply.ts";
import type { RecipientReport, ReportAction } from "../reading.ts";
import { findAddresses } from "./find-addresses.ts";
import { MAX_ANSWER, MAX_RECIPIENTS } from "./notice.ts";
import { findReply, oneLine } from "./read-answer.ts";

const FIELD =
  /^[ \t]{0,8}((?:x-)?(?:final|original|actual)-recipient|action|status|diagnostic-code|remote-mta|x-postfix-sender|reporting-mta)[ \t]?:[ \t]*(.*)$/i;
const ACTIONS: ReadonlySet<string> = new Set<ReportAction>(["failed", "delayed", "delivered", "relayed", "expanded"]);

type Group = Map<string, string>;

/** Empty when no recipient is named so. */
export function readMachineFields(lines: readonly string[]): RecipientReport[] {
  const groups = groupsOf(lines).filter((group) => group.has("final-recipient") || group.has("original-recipient"));
  return groups.slice(0, MAX_RECIPIENTS).map(reportOf);
}

/** A new group begins where a field comes again, or with a blank line when a recipient was named. */
function groupsOf(lines: readonly string[]): Group[] {
  let group: Group = new Map();
  const groups = [group];
  let last = "";
  for (const quoted of lines) {
    const line = quoted.replace(/^(?:[>|] ?){1,4}/, "");
    const match = FIELD.exec(line);
    if (match !== null) {
      const name = (match[1] ?? "").toLowerCase().replace(/^x-actual/, "final");
      if (group.has(name)) groups.push((group = new Map()));
      group.set(name, (match[2] ?? "").trim());
      last = name;
    } else if (last !== "" && /^[ \t]+\S/.test(line)) {
      group.set(last, `${group.get(last) ?? ""} ${line.trim()}`.slice(0, MAX_ANSWER));
    } else {
      last = "";
      if (line.trim() === "" && group.has("final-recipient") && group.has("action")) groups.push((group = new Map()));
    }
  }
  return groups;
}

function reportOf(group: Group): RecipientReport {
  const final = addressOf(group.get("final-recipient"));
  const original = addressOf(group.get("original-recipient"));
  const action = /^[a-z]+/i.exec(group.get("action") ?? "")?.[0]?.toLowerCase() ?? "";
  const status = /(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])/.exec(group.get("status") ?? "")?.[0] ?? null;
  const diagnostic = afterType(group.get("diagnostic-code")) || oneLine(group.get("status") ?? "");
  const reply = findReply(diagnostic);
  const mx = afterType(group.get("remote-mta"))
    .replace(/[[(\s].*$/s, "")
    .toLowerCase();
  return {
    address: final ?? original,
    original: original !== null && original !== final && final !== null ? original : null,
    action: ACTIONS.has(action) ? (action as ReportAction) : "failed",
    answer: {
      stage: "async",
      code: reply?.code ?? null,
      enhanced: readReply(diagnostic).enhanced ?? status,
      text: oneLine(diagnostic),
      mx: mx === "" ? null : mx,
    },
  };
}

function addressOf(value: string | undefined): string | null {
  return value === undefined ? null : (findAddresses(value)[0]?.address ?? null);
}

/** `smtp; 550 no`, `dns; mx.one.example`. */
function afterType(value: string | undefined): string {
  return (value ?? "").replace(/^[A-Za-z0-9-]{1,30}[ \t]*;/, "").trim();
}
