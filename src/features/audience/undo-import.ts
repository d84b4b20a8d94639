/**
 * Takes an import back: a person asks, the worker does it in batches and goes on where it was after a restart. What somebody changed or
 * used since stays; figures say how much.
 */
import { DAY, type Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { findAnalysing } from "./erase-store.ts";
import { deleteList, findUser } from "./list-store.ts";
import { lockRecipients } from "./recipients-lock.ts";
import { lockImport, UNDO_FOR_DAYS } from "./store.ts";
import {
  beginStep,
  beginUndo,
  endUndo,
  forgetChanges,
  listForgettable,
  listUndos,
  lockUndo,
  markForgotten,
  removeBatch,
  restoreBatch,
  saveProgress,
  type UndoRow,
} from "./undo-store.ts";

const UNDO_FOR = UNDO_FOR_DAYS * DAY;

/** Throws `import-not-undoable`. */
export function askUndo(db: Db, id: number, by: string, now: Instant): Promise<void> {
  return db.transaction(async (tx) => {
    const row = await lockImport(tx, id);
    if (row === null) throw appError("not-found", { what: "import", id });
    const why = whyNot(row, now);
    if (why !== null) throw appError("import-not-undoable", { id, why });
    await beginUndo(tx, id, by, now);
  });
}

type Asked = NonNullable<Awaited<ReturnType<typeof lockImport>>>;

function whyNot({ status, mode, dry_run: isDry, undo_state: state, undoable, finished_at: at }: Asked, now: Instant) {
  if (mode === "file") return "nobody was changed by it; its rows go when no delivery needs them";
  if (isDry) return "it was a dry run and changed nothing";
  if (status !== "completed") return `it is ${status}`;
  if (state !== null) return state === "running" ? "it is being undone" : "it was undone already";
  if (!undoable || at === null || at + UNDO_FOR < now) return `what was before is kept for ${UNDO_FOR_DAYS} days`;
  return null;
}

/** Answers how many are done with. One that must wait for an analysis is tried again at the next call. */
export async function workUndos(db: Db, now: () => Instant, stop: AbortSignal): Promise<number> {
  let ended = 0;
  for (const { id } of await listUndos(db)) {
    let progress: Progress = "more";
    while (progress === "more" && !stop.aborted) progress = await db.transaction((tx) => step(tx, id, now()));
    if (progress === "ended") {
      ended++;
      await forget(db, id);
    }
  }
  return ended;
}

type Progress = "more" | "waiting" | "ended";

async function step(tx: Tx, id: number, now: Instant): Promise<Progress> {
  await lockRecipients(tx, "alone");
  const row = await lockUndo(tx, id);
  if (row === null) return "ended";
  // It may be about to make messages for people who would be removed.
  if ((await findAnalysing(tx)) !== null) return "waiting";
  if (row.undo_step === "list") {
    if (row.list_id !== null && (await findUser(tx, row.list_id)) === null) await deleteList(tx, row.list_id);
    await endUndo(tx, id, now);
    return "ended";
  }
  const batch = await (row.undo_step === "changed" ? restoreBatch(tx, row, now) : removeBatch(tx, row));
  if (batch.cursor === null) await beginStep(tx, id, next(row));
  else await saveProgress(tx, row, batch);
  return "more";
}

const next = ({ undo_step: done }: UndoRow) => (done === "changed" ? "created" : "list");

/** Nightly: what can no longer be taken back. */
export async function forgetImports(db: Db, now: Instant): Promise<void> {
  for (const { id } of await listForgettable(db, now - UNDO_FOR)) await forget(db, id);
}

async function forget(db: Db, id: number): Promise<void> {
  await markForgotten(db, id);
  while (await forgetChanges(db, id));
}
