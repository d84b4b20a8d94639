/** Makes, replaces and deletes seeds and lists of seeds. */
import type { Seed, SeedInput, SeedList, SeedListInput } from "../../contract/seeds.ts";
import { parseAddress } from "../../core/address/parse-address.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { assertSeen, type Seen } from "../../platform/if-match.ts";
import * as store from "./store.ts";

function refuse(pointer: string, code: string, message: string): never {
  throw appError("invalid-input", { detail: `${pointer}: ${message}` }, [{ pointer, code, message }]);
}

function placed(input: SeedInput): SeedInput & store.Placed {
  const parsed = parseAddress(input.address);
  if (parsed.kind === "empty") return refuse("/address", "invalid-address", "An address is needed");
  if (parsed.kind !== "valid") return refuse("/address", "invalid-address", `The address ${parsed.reason}`);
  return { ...input, address: parsed.address, matchKey: parsed.matchKey, domain: parsed.domain };
}

const taken = (address: string) => refuse("/address", "taken", `There is a seed with the address ${address}`);
const labelTaken = (label: string) => refuse("/label", "taken", `There is a list of seeds named "${label}"`);

export function createSeed(db: Db, input: SeedInput, now: Instant): Promise<Seed> {
  const seed = placed(input);
  return db.transaction(async (tx) => readSeed(tx, (await store.insertSeed(tx, seed, now)) ?? taken(input.address)));
}

export async function readSeed(db: Db | Tx, id: number, lock = false): Promise<Seed> {
  const seed = await store.findSeed(db, id, lock);
  if (seed === null) throw appError("not-found", { what: "seed", id });
  return seed;
}

export function replaceSeed(db: Db, id: number, input: SeedInput, seen: Seen, now: Instant): Promise<Seed> {
  const seed = placed(input);
  return db.transaction(async (tx) => {
    assertSeen((await readSeed(tx, id, true)).version, seen, `seed ${id}`);
    if (!(await store.updateSeed(tx, id, seed, now))) taken(input.address);
    return readSeed(tx, id);
  });
}

/** Deliveries that are analysed keep their messages to it; the next analysis says that it is gone. */
export async function removeSeed(db: Db, id: number, seen: Seen): Promise<void> {
  await db.transaction(async (tx) => {
    assertSeen((await readSeed(tx, id, true)).version, seen, `seed ${id}`);
    await store.deleteSeed(tx, id);
  });
}

export function createSeedList(db: Db, input: SeedListInput, now: Instant): Promise<SeedList> {
  return db.transaction(async (tx) => {
    const id = (await store.insertSeedList(tx, input.label, now)) ?? labelTaken(input.label);
    await fill(tx, id, input.seeds);
    return readSeedList(tx, id);
  });
}

export async function readSeedList(db: Db | Tx, id: number, lock = false): Promise<SeedList> {
  const list = await store.findSeedList(db, id, lock);
  if (list === null) throw appError("not-found", { what: "list of seeds", id });
  return list;
}

export function replaceSeedList(db: Db, id: number, input: SeedListInput, seen: Seen, now: Instant): Promise<SeedList> {
  return db.transaction(async (tx) => {
    assertSeen((await readSeedList(tx, id, true)).version, seen, `list of seeds ${id}`);
    if (!(await store.renameSeedList(tx, id, input.label, now))) labelTaken(input.label);
    await fill(tx, id, input.seeds);
    return readSeedList(tx, id);
  });
}

/** Its seeds stay. */
export async function removeSeedList(db: Db, id: number, seen: Seen): Promise<void> {
  await db.transaction(async (tx) => {
    assertSeen((await readSeedList(tx, id, true)).version, seen, `list of seeds ${id}`);
    await store.deleteSeedList(tx, id);
  });
}

async function fill(tx: Tx, id: number, seeds: readonly string[]): Promise<void> {
  const [gone] = await store.replaceMembers(tx, id, seeds);
  if (gone === undefined) return;
  refuse(`/seeds/${seeds.indexOf(String(gone))}`, "not-found", `There is no seed ${gone}`);
}
