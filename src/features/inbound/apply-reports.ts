/** Writes down what mails say of messages: all of a batch in one transaction, each with the note that its mail is done. */
import { type Acted, type InboundDeps, NOTHING, type ReportStep, told } from "./acted.ts";
import { type Decided, decideWord, type MessageRow, saidOf, wordOf, type Written } from "./decide-word.ts";
import { type Finished, finishMails } from "./finish-mails.ts";
import { keyText, lockMessages, writeWords } from "./report-store.ts";

export type Reported = Omit<Finished, "acted"> & { readonly step: ReportStep };

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
    const answers = new Map(decided.map(([id, given]) => [id, given === "early" ? given : given.acted]));
    const finished = reported.flatMap(({ id, doneOf }) => {
      const acted = answers.get(id);
      return acted === undefined || acted === "early" ? [] : [{ id, acted, doneOf }];
    });
    await finishMails(tx, finished, at);
    return { answers, ended: endedBy(changes) };
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
  function unknown({ reports: [report], opened: { receivedAt } }: ReportStep): Decided {
    const said = report === undefined ? [] : saidOf(wordOf(report, bounceRules), null, receivedAt);
    const acted = told("message-unknown", { ...NOTHING, outcome: "message-unknown" });
    return { acted: { ...acted, said }, written: null };
  }
}

function endedBy(written: readonly Written[]): Set<number> {
  return new Set(written.flatMap(({ before, change }) => (change.kind === "final" ? [before.deliveryId] : [])));
}
