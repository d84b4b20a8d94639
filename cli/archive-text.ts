/** The ledger and a comparison as text for people. */
import type { ArchiveLedger } from "../src/contract/index.ts";
import { isComplete, isProven, type VerifyReport } from "../src/features/archive/index.ts";

/** Of each list; the JSON has more. */
const SHOWN = 20;

export function ledgerText(ledger: ArchiveLedger): string {
  const { due, archived, owed, givenUp, oldestDebtAt, debtLimit } = ledger;
  const lines = [
    `${due} due = ${archived} archived + ${owed} owed + ${givenUp} given up`,
    ...(oldestDebtAt === null ? [] : [`oldest debt: since ${oldestDebtAt}; ${owed} of ${debtLimit} allowed`]),
    ...ledger.byArchive.map((archive) => {
      const state = archive.enabled ? (archive.failing ? "failing" : "enabled") : "disabled";
      const figures = `${archive.archived}/${archive.due} archived\t${archive.owed} owed\t${archive.givenUp} given up`;
      return [archive.id, archive.kind, state, figures, archive.name, archive.lastReply ?? ""]
        .map(clean)
        .join("\t")
        .trimEnd();
    }),
    ...ledger.alerts.map(({ at, message }) => `alert since ${at}: ${clean(message)}`),
  ];
  return lines.join("\n");
}

export function reportText(report: VerifyReport): string {
  const { archive, counts, expected, found, identical, foreign } = report;
  const lines = [
    `delivery ${report.delivery}, archive ${archive.id} "${clean(archive.name)}" (${archive.kind}), compared with ${clean(report.source)}`,
    `${expected} expected, ${found} found, ${identical} identical; ${foreign} that belong to nothing of this delivery`,
    ...section("missing", counts.missing, report.missing),
    ...section(
      "different",
      counts.different,
      report.different.map(({ key, where, line, expected: should, found: is }) =>
        line === null
          ? `${key} (${where}): the digest is another; the message cannot be made again as it was`
          : `${key} (${where}), line ${line}\n    expected: ${should ?? "(the end)"}\n    found:    ${is ?? "(the end)"}`,
      ),
    ),
    ...section(
      "surplus",
      counts.surplus,
      report.surplus.map(({ key, where, why }) => `${key} (${where}): ${why}`),
    ),
    ...section(
      "in doubt, so there once more",
      counts.inDoubt,
      report.inDoubt.map(({ key, where }) => `${key} (${where})`),
    ),
    ...section("owed", counts.owed, report.owed),
    ...section("given up", counts.givenUp, report.givenUp),
    ...section(
      "unreadable",
      counts.unreadable,
      report.unreadable.map(({ where, detail }) => `${where}: ${detail}`),
    ),
    ...(report.settled ? [] : ["copies are still being made or renamed: what differs now may be right in a moment"]),
    verdict(report),
  ];
  return lines.join("\n");
}

function verdict(report: VerifyReport): string {
  if (!isProven(report)) return "the archive does not hold what was sent";
  if (isComplete(report)) return "the archive holds what was sent";
  return "the archive holds what it accepted, and has not got all that was sent: see owed and given up";
}

function section(title: string, count: number, entries: readonly string[]): string[] {
  if (count === 0) return [];
  const shown = entries.slice(0, SHOWN).map((entry) => `  ${entry.split("\n").map(clean).join("\n")}`);
  const more = count - shown.length;
  return [`${title}: ${count}`, ...shown, ...(more > 0 ? [`  … and ${more} more`] : [])];
}

/** Names of files and replies come from elsewhere: a terminal must not obey them. */
function clean(text: string): string {
  return text.replace(/(?!\t)\p{Cc}/gu, "?");
}
