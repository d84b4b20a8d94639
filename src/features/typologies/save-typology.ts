/** Makes, replaces, duplicates and deletes typologies. What was analysed stays as it is: rules count from the next analysis on. */
import type { Typology, TypologyInput, TypologyRuleInput } from "../../contract/typologies.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Queryable, Tx } from "../../platform/db.ts";
import { appError, type FieldError } from "../../platform/errors.ts";
import { assertSeen, type Seen } from "../../platform/if-match.ts";
import { holdPool } from "../sources/index.ts";
import { checkRules } from "./check-rules.ts";
import { presentRules, rowsOf } from "./rule-rows.ts";
import {
  deleteTypology,
  findTypology,
  findUsers,
  type Heading,
  insertTypology,
  isNameTaken,
  loadRules,
  type RuleRow,
  saveRules,
  setDefault,
  updateTypology,
} from "./store.ts";

const MAX_NAME = 200;

export async function readTypology(db: Queryable, id: number): Promise<Typology> {
  const heading = await findTypology(db, id);
  if (!heading) throw appError("not-found", { what: "typology", id });
  return { ...heading, rules: presentRules(await loadRules(db, id)) };
}

export function createTypology(db: Db, input: TypologyInput, now: Instant): Promise<Typology> {
  return db.transaction((tx) => insert(tx, input, now));
}

async function insert(tx: Tx, input: TypologyInput, now: Instant): Promise<Typology> {
  const { name, rules, pool } = input;
  await mustBeSound(tx, null, name, rules, [], pool);
  const id = await insertTypology(tx, input, now);
  await saveRules(tx, id, rowsOf(rules, []));
  return readTypology(tx, id);
}

export function replaceTypology(db: Db, id: number, input: TypologyInput, seen: Seen, now: Instant): Promise<Typology> {
  const { name, rules, pool } = input;
  return db.transaction(async (tx) => {
    await lockOwn(tx, id, seen, "changed");
    const before = await loadRules(tx, id);
    await mustBeSound(tx, id, name, rules, before, pool);
    await updateTypology(tx, id, input, now);
    await saveRules(tx, id, rowsOf(rules, before));
    return readTypology(tx, id);
  });
}

/** Without a name of its own the copy is called after its original. */
export function duplicateTypology(db: Db, id: number, name: string | undefined, now: Instant): Promise<Typology> {
  return db.transaction(async (tx) => {
    const original = await readTypology(tx, id);
    const copy = await insertTypology(tx, { ...original, name: await freeName(tx, original.name, name) }, now);
    await saveRules(tx, copy, (await loadRules(tx, id)).map(withoutId));
    return readTypology(tx, copy);
  });
}

const withoutId = (row: RuleRow) => ({ ...row, id: null });

async function freeName(tx: Tx, original: string, wanted: string | undefined): Promise<string> {
  if (wanted !== undefined) {
    refuse(await checkName(tx, wanted, null));
    return wanted;
  }
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? " (copy)" : ` (copy ${number})`;
    const name = original.slice(0, MAX_NAME - suffix.length) + suffix;
    if (!(await isNameTaken(tx, name, null))) return name;
  }
}

/** Refused while something names it, and while it is the platform's default. */
export function removeTypology(db: Db, id: number, seen: Seen): Promise<void> {
  return db.transaction(async (tx) => {
    const { name, isDefault } = await lockOwn(tx, id, seen, "deleted");
    const users = [...(isDefault ? ["all deliveries that name none"] : []), ...(await findUsers(tx, id))];
    if (users.length > 0) throw appError("typology-in-use", { name, users: users.join(", ") });
    await deleteTypology(tx, id);
  });
}

/** Of deliveries that name none, from their next analysis on. */
export function makeDefault(db: Db, id: number, now: Instant): Promise<Typology> {
  return db.transaction(async (tx) => {
    // One after the other: there is one default at any time.
    await tx.query("lock table typologies in share row exclusive mode");
    if ((await findTypology(tx, id)) === null) throw appError("not-found", { what: "typology", id });
    await setDefault(tx, id, now);
    return readTypology(tx, id);
  });
}

async function mustBeSound(
  tx: Tx,
  id: number | null,
  name: string,
  rules: readonly TypologyRuleInput[],
  before: readonly RuleRow[],
  pool: string | null,
): Promise<void> {
  refuse([
    ...(await checkName(tx, name, id)),
    ...(await checkPoolName(tx, pool)),
    ...(await checkRules(tx, rules, before)),
  ]);
}

/** It stays until the transaction ends; from then on the typology keeps it. */
async function checkPoolName(tx: Tx, pool: string | null): Promise<FieldError[]> {
  if (pool === null || (await holdPool(tx, pool)) !== null) return [];
  return [{ pointer: "/pool", code: "not-found", message: `There is no pool "${pool}"` }];
}

async function checkName(tx: Tx, name: string, besides: number | null): Promise<FieldError[]> {
  if (!(await isNameTaken(tx, name, besides))) return [];
  return [{ pointer: "/name", code: "taken", message: `There is a typology "${name}" already` }];
}

function refuse(errors: readonly FieldError[]): void {
  const [first] = errors;
  if (first) throw appError("invalid-input", { detail: `${first.pointer}: ${first.message}` }, errors);
}

async function lockOwn(tx: Tx, id: number, seen: Seen, action: string): Promise<Heading> {
  const typology = await findTypology(tx, id, "update");
  if (!typology) throw appError("not-found", { what: "typology", id });
  if (typology.builtIn) throw appError("typology-built-in", { name: typology.name, action });
  assertSeen(typology.version, seen, `typology ${id}`);
  return typology;
}
