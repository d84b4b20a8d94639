/** Lists of recipients by hand: made, renamed, removed, people put on them and taken off. */
import type { MembersResult } from "../../contract/audience-recipients.ts";
import { parseAddress } from "../../core/address/parse-address.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Queryable, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { assertSeen, type Seen } from "../../platform/if-match.ts";
import {
  deleteList,
  deleteMembers,
  findIds,
  findList,
  findUser,
  insertList,
  insertMembers,
  type ListRow,
  lockList,
  renameList,
} from "./list-store.ts";
import { findByKeys } from "./recipient-store.ts";

export async function createList(db: Queryable, label: string, now: Instant): Promise<ListRow> {
  return mustFindList(db, await insertList(db, label, now));
}

export function changeList(db: Db, id: number, label: string, seen: Seen): Promise<ListRow> {
  return db.transaction(async (tx) => {
    assertSeen((await mustFindList(tx, id, true)).version, seen, `list ${id}`);
    await renameList(tx, id, label);
    return mustFindList(tx, id);
  });
}

/** The people stay. Throws `list-in-use`. */
export function removeList(db: Db, id: number, seen: Seen): Promise<void> {
  return db.transaction(async (tx) => {
    assertSeen((await mustFindList(tx, id, true)).version, seen, `list ${id}`);
    const user = await findUser(tx, id);
    if (user !== null) throw appError("list-in-use", { id, user });
    await deleteList(tx, id);
  });
}

/** Whom nobody knows costs no other. Who is in both is taken off. */
export function changeMembers(
  db: Db,
  id: number,
  given: { readonly add: readonly string[]; readonly remove: readonly string[] },
): Promise<MembersResult> {
  return db.transaction(async (tx) => {
    await mustFindList(tx, id, true);
    const add = await resolve(tx, given.add);
    const remove = await resolve(tx, given.remove);
    const off = new Set(remove.ids);
    const on = add.ids.filter((each) => !off.has(each));
    const added = await insertMembers(tx, id, on);
    const removed = await deleteMembers(tx, id, remove.ids);
    return {
      added,
      removed,
      unchanged: on.length - added + remove.ids.length - removed,
      unknown: [...new Set([...add.unknown, ...remove.unknown])],
    };
  });
}

export async function mustFindList(db: Queryable, id: number, lock = false): Promise<ListRow> {
  const row = lock && !(await lockList(db as Tx, id)) ? null : await findList(db, id);
  if (row === null) throw appError("not-found", { what: "list", id });
  return row;
}

/** Ids are digits only; everything else is an address. */
async function resolve(tx: Tx, given: readonly string[]): Promise<{ ids: number[]; unknown: string[] }> {
  const asIds = new Map<number, string>();
  const asKeys = new Map<string, string>();
  const unknown: string[] = [];
  for (const text of given) {
    const address = /^[1-9]\d{0,14}$/.test(text) ? null : parseAddress(text);
    if (address === null) asIds.set(Number(text), text);
    else if (address.kind === "valid") asKeys.set(address.matchKey, text);
    else unknown.push(text);
  }
  const ids = new Set(await findIds(tx, [...asIds.keys()]));
  const byKey = await findByKeys(tx, [...asKeys.keys()]);
  const keys = new Set(byKey.map((row) => row.match_key));
  for (const [id, text] of asIds) if (!ids.has(id)) unknown.push(text);
  for (const [key, text] of asKeys) if (!keys.has(key)) unknown.push(text);
  return { ids: [...new Set([...ids, ...byKey.map(({ id }) => id)])], unknown };
}
