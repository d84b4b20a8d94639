/** The typology that a delivery is analysed by. */
import type { Settings } from "../../contract/index.ts";
import type { BuiltInSettings } from "../../core/typology/apply-built-in.ts";
import type { ControlRule } from "../../core/typology/control-rule.ts";
import { readExpression } from "../../core/typology/language/expression.ts";
import type { Level, Phase } from "../../core/typology/rule.ts";
import type { Queryable } from "../../platform/db.ts";
import type { FieldError } from "../../platform/errors.ts";
import { groundOf } from "./ground.ts";
import { builtInSettings } from "./rule-rows.ts";
import { findTypology, loadRules, type RuleRow } from "./store.ts";

export type ChosenTypology = {
  readonly id: number;
  readonly name: string;
  /** The one that the delivery names is gone: this is the platform's default. */
  readonly isInstead: boolean;
  /** Of deliveries that name neither pool nor source; null: the pool `default`. */
  readonly pool: string | null;
  readonly builtIn: BuiltInSettings;
  /** Active ones, in their order. */
  readonly control: readonly (ControlRule & { readonly phase: Phase })[];
  /** Active ones of the other kinds, in their order. */
  readonly others: readonly RuleRow[];
};

type Choice = Partial<Pick<Settings, "typology">>;

export async function typologyOf(db: Queryable, settings: Choice): Promise<ChosenTypology> {
  const named = settings.typology === undefined ? null : await findTypology(db, Number(settings.typology));
  const chosen = named ?? (await findTypology(db, null));
  if (chosen === null) throw new Error("there is no default typology");
  const rows = await loadRules(db, Number(chosen.id));
  const active = rows.filter(({ enabled }) => enabled);
  return {
    id: Number(chosen.id),
    name: chosen.name,
    pool: chosen.pool ?? null,
    isInstead: settings.typology !== undefined && named === null,
    builtIn: builtInSettings(rows),
    control: active.filter(({ kind }) => kind === "control").flatMap(readControl),
    others: active.filter(({ kind }) => kind !== "control" && kind !== "built-in"),
  };
}

/** With the pool of the typology where the settings name neither pool nor source. */
export function withPool<S extends Partial<Pick<Settings, "pool" | "source">>>(
  settings: S,
  { pool }: Pick<ChosenTypology, "pool">,
): S {
  return pool === null || settings.pool !== undefined || settings.source !== undefined
    ? settings
    : { ...settings, pool };
}

/** It was sound when it was saved; a later version that knows less than that keeps nobody from sending. */
function readControl({ id, name, definition }: RuleRow): (ControlRule & { readonly phase: Phase })[] {
  const { phase, level, expression, message } = definition as {
    phase: Phase;
    level: Level;
    expression: string;
    message: string;
  };
  const read = readExpression(expression, groundOf(phase));
  return read.kind === "expression" ? [{ id: String(id), name, phase, level, message, node: read.node }] : [];
}

/** Whether the typology that is named is there; when something that names one is saved. */
export async function checkTypology(db: Queryable, settings: Choice, pointer: string): Promise<FieldError[]> {
  const { typology } = settings;
  if (typology === undefined || (await findTypology(db, Number(typology), "share")) !== null) return [];
  return [{ pointer, code: "not-found", message: `There is no typology ${typology}` }];
}
