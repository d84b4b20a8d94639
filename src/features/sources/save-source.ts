/** Makes, changes and removes sources, one change at a time. Senders act on it at once. */
import type { SourceInput } from "../../contract/shaping.ts";
import type { Source } from "../../core/shaping/source.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { assertSeen, type Seen } from "../../platform/if-match.ts";
import { checkSource } from "./check-source.ts";
import {
  beginChange,
  deleteSource,
  forgetWarmUps,
  insertSource,
  listSources,
  lockSource,
  poolsOf,
  type SourceRow,
  updateSource,
} from "./store.ts";

export function createSource(db: Db, input: SourceInput, now: Instant): Promise<SourceRow> {
  return db.transaction(async (tx) => {
    await beginChange(tx);
    return insertSource(tx, checkSource(input, await listSources(tx)), now);
  });
}

/** With an address that it did not have, its warm-up begins anew. */
export function replaceSource(db: Db, id: number, input: SourceInput, seen: Seen, now: Instant): Promise<SourceRow> {
  return db.transaction(async (tx) => {
    await beginChange(tx);
    const known = await findSeen(tx, id, seen);
    const source = checkSource(
      input,
      (await listSources(tx)).filter((other) => other.id !== id),
    );
    if (hasNewAddress(known, source)) await forgetWarmUps(tx, id);
    return updateSource(tx, id, source, now);
  });
}

/** Throws `source-in-use` while it is in a pool. */
export async function removeSource(db: Db, id: number, seen: Seen): Promise<void> {
  await db.transaction(async (tx) => {
    await beginChange(tx);
    const { name } = await findSeen(tx, id, seen);
    const pools = await poolsOf(tx, id);
    if (pools.length > 0) {
      const said = pools.map((pool) => `"${pool}"`).join(", ");
      throw appError("source-in-use", { name, pools: `${pools.length === 1 ? "the pool" : "the pools"} ${said}` });
    }
    await deleteSource(tx, id);
  });
}

async function findSeen(tx: Tx, id: number, seen: Seen): Promise<SourceRow> {
  const known = await lockSource(tx, id);
  if (known === null) throw appError("not-found", { what: "source", id });
  assertSeen(known.version, seen, `the source "${known.name}"`);
  return known;
}

function hasNewAddress(before: Source, after: SourceInput): boolean {
  const isNew = (address: string | null) => address !== null && ![before.addressV4, before.addressV6].includes(address);
  return isNew(after.addressV4) || isNew(after.addressV6);
}
