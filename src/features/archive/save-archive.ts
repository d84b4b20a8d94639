/** Makes, changes and removes archives, one change at a time; each is in the audit. */
import type { ArchiveInput } from "../../contract/index.ts";
import type { Instant } from "../../core/time.ts";
import { fieldChanges, recordArchiveEvent } from "../../platform/archive-events.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { assertSeen, type Seen } from "../../platform/if-match.ts";
import { type MasterKey, seal } from "../../platform/seal.ts";
import { closeAlertsOf } from "./alerts.ts";
import { checkArchive } from "./check-archive.ts";
import type { CheckedArchive } from "./checked-archive.ts";
import { contextOf } from "./load-archives.ts";
import {
  type ArchiveRow,
  findUse,
  insertArchive,
  lockArchive,
  lockArchives,
  markRemoved,
  setSecret,
  updateArchive,
} from "./store.ts";

export type SaveDeps = { readonly db: Db; readonly masterKey: MasterKey; readonly dataDir: string };
/** Who, and when. */
export type Act = { readonly actor: string; readonly now: Instant };
export function createArchive(
  { db, masterKey, dataDir }: SaveDeps,
  input: ArchiveInput,
  act: Act,
): Promise<ArchiveRow> {
  return db.transaction(async (tx) => {
    await lockArchives(tx);
    const { archive, secret } = await checkArchive(tx, input, { known: null, dataDir });
    const row = await insertArchive(tx, archive, act.now);
    if (row === null) throw nameTaken(archive.name);
    const sealed = secret.kind === "new" ? seal(masterKey, secret.secret, contextOf(row.id)) : null;
    if (sealed) await setSecret(tx, row.id, sealed);
    const changes = fieldChanges({}, archive);
    await recordArchiveEvent(tx, {
      archive: row.id,
      kind: "created",
      actor: act.actor,
      at: act.now,
      detail: { changes },
    });
    return { ...row, sealed_secret: sealed };
  });
}

export function changeArchive(
  { db, masterKey, dataDir }: SaveDeps,
  id: number,
  input: ArchiveInput,
  { actor, now, seen }: Act & { readonly seen: Seen },
): Promise<ArchiveRow> {
  return db.transaction(async (tx) => {
    await lockArchives(tx);
    const known = await findSeen(tx, id, seen);
    if (known.kind !== input.target.kind) throw kindChanged(known.kind);
    const { archive, secret } = await checkArchive(tx, input, { known, dataDir });
    const sealedSecret = sealedAfter(masterKey, known, secret);
    const row = await updateArchive(tx, id, { ...archive, sealedSecret }, now);
    if (row === null) throw nameTaken(archive.name);
    const changes = fieldChanges(viewOf(known), archive);
    const secretChanged = known.sealed_secret !== sealedSecret;
    const detail = { changes, ...(secretChanged ? { secretChanged } : {}) };
    if (changes.length > 0 || secretChanged) {
      await recordArchiveEvent(tx, { archive: id, kind: "changed", actor, at: now, detail });
    }
    return row;
  });
}

/** Throws `archive-in-use` while copies are owed to it, or may be. */
export async function removeArchive(
  db: Db,
  id: number,
  { actor, now, seen }: Act & { readonly seen: Seen },
): Promise<void> {
  await db.transaction(async (tx) => {
    await lockArchives(tx);
    const known = await findSeen(tx, id, seen);
    const use = await findUse(tx, id);
    if (use !== null) throw appError("archive-in-use", { name: known.name, why: use });
    await markRemoved(tx, id, now);
    await closeAlertsOf(tx, id, now);
    await recordArchiveEvent(tx, { archive: id, kind: "removed", actor, at: now, detail: { name: known.name } });
  });
}

async function findSeen(tx: Tx, id: number, seen: Seen): Promise<ArchiveRow> {
  const known = await lockArchive(tx, id);
  if (known === null) throw appError("not-found", { what: "archive", id });
  assertSeen(known.version, seen, `the archive "${known.name}"`);
  return known;
}

function sealedAfter(masterKey: MasterKey, known: ArchiveRow, change: CheckedArchive["secret"]): Buffer | null {
  if (change.kind === "new") return seal(masterKey, change.secret, contextOf(known.id));
  return change.kind === "keep" ? known.sealed_secret : null;
}

function viewOf({ name, enabled, rule, target }: ArchiveRow): CheckedArchive["archive"] {
  return { name, enabled, rule, target };
}

function nameTaken(name: string) {
  const message = `There is an archive "${name}" already`;
  return appError("invalid-input", { detail: `/name: ${message}` }, [{ pointer: "/name", code: "taken", message }]);
}

/** Copies remember where they lie: in a mailbox there are no files. */
function kindChanged(kind: string) {
  const message = `This archive is of the kind ${kind}, and stays so. Make another one`;
  const pointer = "/target/kind";
  return appError("invalid-input", { detail: `${pointer}: ${message}` }, [{ pointer, code: "unchangeable", message }]);
}
