/** Operators' rules of one kind: how they are made, changed, ordered and removed. What a rule may say is its feature's to check. */
import { formatInstant, type Instant } from "../core/time.ts";
import type { Db, Queryable } from "./db.ts";
import { appError } from "./errors.ts";
import { assertSeen, type Seen } from "./if-match.ts";
import {
  beginChange,
  deleteRule,
  insertRule,
  listRules,
  placeRules,
  type RuleInput,
  type RuleRow,
  type RuleTable,
  updateRule,
} from "./rule-store.ts";

export type { RuleRow } from "./rule-store.ts";

/** How many rules there can be: each is looked at for each answer, or each new site. */
const MOST = 1000;

export class OrderedRules<Input extends RuleInput> {
  readonly #table: RuleTable;
  readonly #what: string;

  /** `what`: one rule, as people call it. */
  constructor(table: RuleTable, what: string) {
    this.#table = table;
    this.#what = what;
  }

  /** In the order in which they are looked at. */
  list(db: Queryable): Promise<RuleRow<Input>[]> {
    return listRules(db, this.#table);
  }

  /** The new rule, with the others: it comes last. `make` checks it beside those that there are, and throws. */
  create(
    db: Db,
    make: (known: readonly RuleRow<Input>[]) => Input,
    now: Instant,
  ): Promise<{ id: number; rows: RuleRow<Input>[] }> {
    return db.transaction(async (tx) => {
      const known = await beginChange<Input>(tx, this.#table);
      this.mustHaveRoom(known);
      const id = await insertRule(tx, this.#table, make(known), known.length + 1, now);
      return { id, rows: await this.list(tx) };
    });
  }

  /** `make`: what becomes of the rule, checked beside the others. */
  change(
    db: Db,
    id: number,
    seen: Seen,
    make: (row: RuleRow<Input>, others: readonly RuleRow<Input>[]) => Input,
    now: Instant,
  ): Promise<RuleRow<Input>[]> {
    return db.transaction(async (tx) => {
      const known = await beginChange<Input>(tx, this.#table);
      const row = this.findSeen(known, id, seen);
      const others = known.filter((other) => other !== row);
      await updateRule(tx, this.#table, id, make(row, others), now);
      return this.list(tx);
    });
  }

  async remove(db: Db, id: number, seen: Seen): Promise<void> {
    await db.transaction(async (tx) => {
      const known = await beginChange<Input>(tx, this.#table);
      const row = this.findSeen(known, id, seen);
      await deleteRule(tx, this.#table, id);
      const left = known.filter((other) => other !== row);
      await placeRules(tx, this.#table, idsOf(left));
    });
  }

  order(db: Db, ids: readonly string[]): Promise<RuleRow<Input>[]> {
    return db.transaction(async (tx) => {
      const wanted = this.inOrder(await beginChange<Input>(tx, this.#table), ids);
      await placeRules(tx, this.#table, idsOf(wanted));
      return this.list(tx);
    });
  }

  mustHaveRoom(known: readonly RuleRow<Input>[]): void {
    if (known.length < MOST) return;
    throw invalid("", "too-many", `There are ${MOST} ${this.#what}s, more there cannot be`);
  }

  /** Every rule has its place: an order that forgets one made meanwhile is refused. */
  inOrder(known: readonly RuleRow<Input>[], ids: readonly string[], pointer = "/ids"): RuleRow<Input>[] {
    const wanted = ids.flatMap((id) => known.filter((row) => String(row.id) === id));
    const isComplete = ids.length === known.length && new Set(wanted).size === known.length;
    if (isComplete) return wanted;
    const listed = idsOf(known).join(", ") || "none";
    throw invalid(pointer, "incomplete", `The order names each ${this.#what} once; there are ${listed}`);
  }

  findSeen(known: readonly RuleRow<Input>[], id: number, seen: Seen): RuleRow<Input> {
    const row = known.find((one) => one.id === id);
    if (row === undefined) throw appError("not-found", { what: this.#what, id });
    assertSeen(row.version, seen, `the ${this.#what} "${row.name}"`);
    return row;
  }
}

const idsOf = (rows: readonly { readonly id: number }[]): number[] => rows.map(({ id }) => id);

/** A rule as the API shows it; `i`: how many come before it. */
export function presentRule<Input extends RuleInput>(row: RuleRow<Input>, i: number) {
  return {
    ...row.rule,
    id: String(row.id),
    position: i + 1,
    name: row.name,
    enabled: row.enabled,
    version: row.version,
    createdAt: formatInstant(row.created_at),
    updatedAt: formatInstant(row.updated_at),
  };
}

function invalid(pointer: string, code: string, message: string) {
  return appError("invalid-input", { detail: pointer === "" ? message : `${pointer}: ${message}` }, [
    { pointer, code, message },
  ]);
}
