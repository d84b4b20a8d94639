/** Writes down what mails say of messages: all of a batch in one transaction, each with the note that its mail is done. */
import { noteReplies } from "../reply-texts/index.ts";
import type { Acted, InboundDeps, ReportStep } from "./acted.ts";
import { NOTHING, told } from "./acted.ts";
import {
  type Decided,
  decideWord,
  type GivenWord,
  type MessageRow,
  replyOf,
  wordOf,
  type Written,
} from "./decide-word.ts";
import { type Done, markDone } from "./mail-store.ts";
import { keyText, lockMessages, writeWords } from "./report-store.ts";

export type Reported = {
  readonly id: number;
  readonly step: ReportStep;
  readonly doneOf: (acted: Acted) => Done;
};

export type Applied = {
  /** By the ids of the mails, in whose order they count. `early`: nothing was done about it yet. */
  readonly answers: ReadonlyMap<number, Acted | "early">;
  /** Deliveries of which one of these messages may have been the last that was open. */
  readonly ended: ReadonlySet<number>;
};

/** All or nothing. */
export async function applyReports(
  { db, now, bounceRules }: InboundDeps,
  reported: readonly Reported[],
): Promise<Applied> {
  return db.transaction(async (tx) => {
    const at = now();
    const rows = await lockMessages(
      tx,
      reported.map(({ step }) => step.key),
    );
    const decided = reported.map(({ id, step }) => [id, decide(rows, step)] as const);
    const changes = decided.flatMap(([, given]) =>
      given === "early" || given.written === null ? [] : [given.written],
    );
    await writeWords(tx, changes, at);
    const acted = new Map(decided.map(([id, given]) => [id, given === "early" ? given : given.acted]));
    const done = reported.flatMap(({ id, doneOf }) => {
      const given = acted.get(id);
      return given === undefined || given === "early" ? [] : [{ id, done: doneOf(given) }];
    });
    await markDone(tx, done, at);
    const heard = decided.flatMap(([, given]) => (given === "early" ? [] : wordsOf(given)));
    await noteReplies(
      tx,
      heard.flatMap((word) => replyOf(word, null, at)),
    );
    return { answers: acted, ended: endedBy(changes) };
  });

  function decide(rows: Map<string, MessageRow>, step: ReportStep): Decided | "early" {
    const row = rows.get(keyText(step.key));
    if (!row) return unknown(step);
    const decided = decideWord(row, step, bounceRules);
    // The next mail of the batch about the same message finds it changed.
    if (decided !== "early" && decided.written !== null) rows.set(keyText(row), decided.written.after);
    return decided;
  }

  /** Its log is no longer kept. */
  function unknown({ reports: [report] }: ReportStep): Decided {
    const acted = told("message-unknown", { ...NOTHING, outcome: "message-unknown" });
    return { acted, written: null, ...(report && { late: wordOf(report, bounceRules) }) };
  }
}

function wordsOf({ written, late }: Decided): GivenWord[] {
  if (late !== undefined) return [late];
  return written === null || written.change.type === null ? [] : [written.given];
}

function endedBy(written: readonly Written[]): Set<number> {
  return new Set(written.flatMap(({ before, change }) => (change.kind === "final" ? [before.deliveryId] : [])));
}
