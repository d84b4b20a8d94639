/** What was found in an archive, added up beside the ledger. */
import { type ArchiveItem, judgeCopy } from "../../../core/archive/compare-copies.ts";
import { recogniseCopy } from "../../../core/archive/match-copy-key.ts";
import { formatKey } from "../../../core/delivery/status.ts";
import type { TokenKeys } from "../../../core/tracking/token.ts";
import type { Comparison, CompareCopy, FoundMessage } from "./compare-copy.ts";
import type { FoundCopy, LedgerCopies } from "./ledger-copies.ts";
import { CountedList, type DifferentCopy, type FoundAt, type ListName, type VerifyReport } from "./report.ts";

export type TallyResult = Omit<VerifyReport, "delivery" | "archive" | "source" | "settled">;

export class Tally {
  private readonly surplus = new CountedList<VerifyReport["surplus"][number]>();
  private readonly different = new CountedList<DifferentCopy>();
  private readonly inDoubt = new CountedList<FoundAt>();
  private readonly unreadable = new CountedList<VerifyReport["unreadable"][number]>();
  private readonly ledger: LedgerCopies;
  private readonly tokenKeys: TokenKeys;
  private readonly compare: CompareCopy;
  private found = 0;
  private foreign = 0;

  constructor(ledger: LedgerCopies, tokenKeys: TokenKeys, compare: CompareCopy) {
    this.ledger = ledger;
    this.tokenKeys = tokenKeys;
    this.compare = compare;
  }

  async take(item: ArchiveItem): Promise<void> {
    if (item.kind === "message") await this.takeMessage(item);
    else if (item.kind === "foreign") this.foreign++;
    else this.unreadable.add({ where: item.where, detail: item.detail });
  }

  private async takeMessage(item: FoundMessage): Promise<void> {
    // the name comes second: it may stand for bytes of another message, and is all there is of a file that was cut
    const key = recogniseCopy(item.bytes, this.tokenKeys) ?? item.named?.key ?? null;
    if (key === null || !this.ledger.has(key.partId)) {
      this.foreign++;
      return;
    }
    this.found++;
    const known = this.ledger.find(key);
    const comparison = known && (await this.compare(item, key, known.digest, !this.different.isFull));
    this.judge({ key: formatKey(key), where: item.where }, known, comparison);
    if (comparison) this.ledger.mark(key, comparison === "identical" ? "identical" : "different");
  }

  private judge(at: FoundAt, known: FoundCopy | null, comparison: Comparison | null): void {
    const verdict = judgeCopy(known, comparison === "identical", known?.foundBefore ?? false);
    switch (verdict.kind) {
      case "identical":
        return;
      case "different":
        if (comparison !== null && comparison !== "identical") this.different.add({ ...at, ...comparison });
        return;
      case "surplus":
        if (verdict.explained) this.inDoubt.add(at);
        else this.surplus.add({ ...at, why: verdict.why });
    }
  }

  /** When all was taken. */
  end(): TallyResult {
    const { surplus, different, inDoubt, unreadable, found, foreign } = this;
    const { missing, owed, givenUp, expected, identical } = readLedger(this.ledger);
    return {
      expected,
      found,
      identical,
      foreign,
      missing: missing.listed,
      surplus: surplus.listed,
      different: different.listed,
      inDoubt: inDoubt.listed,
      owed: owed.listed,
      givenUp: givenUp.listed,
      unreadable: unreadable.listed,
      counts: countsOf({ missing, surplus, different, inDoubt, owed, givenUp, unreadable }),
    };
  }
}

function readLedger(ledger: LedgerCopies) {
  const missing = new CountedList<string>();
  const lists = { owed: new CountedList<string>(), "given-up": new CountedList<string>() };
  let expected = 0;
  let identical = 0;
  for (const { key, state, found } of ledger.entries()) {
    if (state !== "archived") {
      lists[state].add(formatKey(key));
      continue;
    }
    expected++;
    if (found === "identical") identical++;
    else if (found === "no") missing.add(formatKey(key));
  }
  return { missing, owed: lists.owed, givenUp: lists["given-up"], expected, identical };
}

function countsOf(lists: Readonly<Record<ListName, CountedList<unknown>>>): VerifyReport["counts"] {
  return Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, list.count])) as VerifyReport["counts"];
}
