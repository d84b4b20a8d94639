/** One typology as a form, and what it becomes for the API; where each refusal belongs. */
import type {
  BuiltInTypologyRule,
  OwnTypologyRule,
  Typology,
  TypologyInput,
  TypologyRuleInput,
} from "../../../src/contract/typologies.ts";

type Own = Exclude<TypologyRuleInput, { kind: "built-in" }>;
export type ControlDraft = Omit<Extract<Own, { kind: "control" }>, "order"> & { order: number | "" };
/** Rules of the other kinds are kept as they are; whether they are active, and their order, can be changed. */
export type OtherDraft = Omit<Exclude<Own, { kind: "control" }>, "order"> & { order: number | "" };
export type OwnDraft = (ControlDraft | OtherDraft) & { readonly key: string };
export type BuiltInDraft = Omit<BuiltInTypologyRule, "order"> & { order: number | "" };

export type TypologyDraft = {
  name: string;
  description: string;
  /** "": none of its own. */
  pool: string;
  own: readonly OwnDraft[];
  builtIn: readonly BuiltInDraft[];
};

export const USUAL_ORDER = 50;

export function typologyDraftOf({ name, description, pool, rules }: Typology): TypologyDraft {
  return {
    name,
    description,
    pool: pool ?? "",
    own: rules
      .filter((rule): rule is OwnTypologyRule => rule.kind !== "built-in")
      .map((rule) => ({ ...rule, key: rule.id })),
    builtIn: rules.filter((rule) => rule.kind === "built-in"),
  };
}

/** `n`: how many were added before; the key tells rows apart that are not stored yet. */
export const emptyControlRule = (n: number): OwnDraft => ({
  key: `new ${n}`,
  kind: "control",
  name: "",
  active: true,
  order: USUAL_ORDER,
  phase: "before-personalisation",
  level: "warning",
  expression: "",
  message: "",
});

const orderOf = (order: number | "") => (order === "" ? USUAL_ORDER : order);

export function isChanged({ level, active, order, standard }: BuiltInDraft): boolean {
  return level !== standard.level || active !== standard.active || orderOf(order) !== standard.order;
}

/** Own rules first: a refusal names its rule by the place in the list. */
export function typologyRequestOf({ name, description, pool, own, builtIn }: TypologyDraft): TypologyInput {
  const changed = builtIn.filter(isChanged).map(({ kind, name: rule, level, active, order }) => ({
    kind,
    name: rule,
    level,
    active,
    order: orderOf(order),
  }));
  const rules = own.map(({ key: _key, ...rule }) => ({ ...rule, name: rule.name.trim(), order: orderOf(rule.order) }));
  return {
    name: name.trim(),
    description: description.trim(),
    pool: pool === "" ? null : pool,
    rules: [...(rules as Own[]), ...changed],
  };
}

/** `own/2/expression` */
export type TypologyField = "name" | "description" | "pool" | `own/${number}/${string}`;

export function typologyFieldOf([first, index, field]: readonly string[], own: number): TypologyField | null {
  if (first === "name" || first === "description" || first === "pool") return first;
  if (first !== "rules" || index === undefined || Number(index) >= own) return null;
  return `own/${Number(index)}/${field ?? "name"}`;
}

/** The error of a try is about the one expression in it. */
export const SHOWN_IN_CARD = ["name", "level", "phase", "order", "expression", "message"];
