/** Saves and deletes the operator's own blocks, one change at a time. */
import type { Block } from "../../contract/index.ts";
import { findBlockNames } from "../../core/template/expand-blocks.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { assertSeen, type Seen } from "../../platform/if-match.ts";
import { lookupIn } from "./block-sources.ts";
import { NEUTRAL, isBuiltIn } from "./built-in.ts";
import { checkBlock } from "./check-block.ts";
import { deleteOwn, findOwn, loadOwn, lockBlocks, saveOwn, type OwnBlock } from "./store.ts";

export async function saveBlock(db: Db, block: OwnBlock, seen: Seen, now: Instant): Promise<Block> {
  refuseBuiltIn(block.name, "replaced");
  return db.transaction(async (tx) => {
    await lockBlocks(tx);
    const current = await findOwn(tx, block.name);
    assertSeen(current?.version ?? 0, seen, `the block "${block.name}"`);
    const others = (await loadOwn(tx)).filter(({ name }) => name !== block.name);
    const errors = checkBlock(block, others);
    const [first] = errors;
    if (first) throw appError("invalid-input", { detail: `${first.pointer}: ${first.message}` }, errors);
    return saveOwn(tx, block, now);
  });
}

export async function removeBlock(db: Db, name: string, seen: Seen): Promise<void> {
  refuseBuiltIn(name, "deleted");
  await db.transaction(async (tx) => {
    await lockBlocks(tx);
    const current = await findOwn(tx, name);
    if (!current) throw appError("not-found", { what: "block", id: name });
    assertSeen(current.version, seen, `the block "${name}"`);
    const users = usersOf(name, await loadOwn(tx));
    if (users.length > 0) {
      throw appError("block-in-use", { name, users: users.map((user) => `the block "${user}"`).join(", ") });
    }
    await deleteOwn(tx, name);
  });
}

function refuseBuiltIn(name: string, action: string): void {
  if (isBuiltIn(name)) throw appError("block-built-in", { name, action });
}

/** Names of the blocks that contain this one. */
function usersOf(name: string, own: readonly OwnBlock[]): string[] {
  const lookup = lookupIn(own, NEUTRAL);
  const contains = (user: string) =>
    (["html", "text"] as const).some((kind) => findBlockNames(lookup(user, kind) ?? "").includes(name));
  return own.map((block) => block.name).filter((user) => user !== name && contains(user));
}
