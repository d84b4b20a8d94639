/** Makes, changes and removes pools. Deliveries name them, so a name that is in use stays. */
import type { PoolInput } from "../../contract/shaping.ts";
import type { Pool } from "../../core/shaping/source.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { appError, type FieldError } from "../../platform/errors.ts";
import { assertSeen, type Seen } from "../../platform/if-match.ts";
import {
  beginChange,
  deletePool,
  findPoolById,
  findUseOfPool,
  insertPool,
  listPools,
  listSources,
  lockPool,
  type PoolRow,
  updatePool,
} from "./store.ts";

export function createPool(db: Db, input: PoolInput, now: Instant): Promise<PoolRow> {
  return db.transaction(async (tx) => {
    await beginChange(tx);
    await checkPoolInput(tx, input, await listPools(tx));
    return insertPool(tx, input, now);
  });
}

/** Members may change at any time; throws `pool-in-use` when the name would. */
export function replacePool(db: Db, id: number, input: PoolInput, seen: Seen, now: Instant): Promise<PoolRow> {
  return db.transaction(async (tx) => {
    await beginChange(tx);
    const known = await findSeen(tx, id, seen);
    if (known.name.toLowerCase() !== input.name.toLowerCase()) await refuseInUse(tx, known, "renamed");
    await checkPoolInput(
      tx,
      input,
      (await listPools(tx)).filter((other) => other.id !== id),
    );
    return updatePool(tx, id, input, now);
  });
}

/** Throws `pool-in-use` while a delivery is on its way with it, or a typology names it. */
export async function removePool(db: Db, id: number, seen: Seen): Promise<void> {
  await db.transaction(async (tx) => {
    await beginChange(tx);
    await refuseInUse(tx, await findSeen(tx, id, seen), "removed");
    await deletePool(tx, id);
  });
}

async function findSeen(tx: Tx, id: number, seen: Seen): Promise<PoolRow> {
  const known = await findPoolById(tx, id);
  if (known === null) throw appError("not-found", { what: "pool", id });
  assertSeen(known.version, seen, `the pool "${known.name}"`);
  return known;
}

async function refuseInUse(tx: Tx, { id, name }: Pool, action: string): Promise<void> {
  const refuse = async () => {
    const by = await findUseOfPool(tx, name);
    if (by !== null) throw appError("pool-in-use", { name, action, by });
  };
  await refuse();
  // An analysis that reads the pool at this moment ends first, or finds it gone.
  await lockPool(tx, id);
  await refuse();
}

/** Throws `invalid-input`. */
async function checkPoolInput(tx: Tx, { name, members }: PoolInput, others: readonly Pool[]): Promise<void> {
  const errors: FieldError[] = [];
  if (others.some((other) => other.name.toLowerCase() === name.toLowerCase())) {
    errors.push({ pointer: "/name", code: "taken", message: `There is a pool "${name}" already` });
  }
  const sources = new Map((await listSources(tx)).map((source) => [String(source.id), source.name]));
  const seen = new Set<string>();
  for (const [i, { source }] of members.entries()) {
    const pointer = `/members/${i}/source`;
    const known = sources.get(source);
    if (known === undefined) errors.push({ pointer, code: "not-found", message: `There is no source ${source}` });
    else if (seen.has(source)) {
      errors.push({ pointer, code: "twice", message: `The source "${known}" is in the pool already; once is enough` });
    }
    seen.add(source);
  }
  const [first] = errors;
  if (first) throw appError("invalid-input", { detail: `${first.pointer}: ${first.message}` }, errors);
}
