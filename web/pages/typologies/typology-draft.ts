/** One typology as a form, and what it becomes for the API; where each refusal belongs. */
import type {
  BuiltInTypologyRule,
  OwnTypologyRule,
  Typology,
  TypologyInput,
} from "../../../src/contract/typologies.ts";
import type { Count } from "../../parts/form-fields.ts";
import { orderOf, type OwnDraft, ownDraftOf, ownRulesOf } from "./rule-draft.ts";
import { inTheirOrder } from "./rule-order.ts";

export type BuiltInDraft = Omit<BuiltInTypologyRule, "order"> & { order: Count };

export type TypologyDraft = {
  name: string;
  description: string;
  /** "": none of its own. */
  pool: string;
  own: readonly OwnDraft[];
  builtIn: readonly BuiltInDraft[];
};

export function typologyDraftOf({ name, description, pool, rules }: Typology): TypologyDraft {
  return {
    name,
    description,
    pool: pool ?? "",
    own: inTheirOrder(
      rules.filter((rule): rule is OwnTypologyRule => rule.kind !== "built-in").map((rule) => ownDraftOf(rule)),
    ),
    builtIn: rules.filter((rule) => rule.kind === "built-in"),
  };
}

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
  return {
    name: name.trim(),
    description: description.trim(),
    pool: pool === "" ? null : pool,
    rules: [...ownRulesOf(own), ...changed],
  };
}

/** `own/2/threshold/cases/0` */
export type TypologyField = "name" | "description" | "pool" | `own/${number}/${string}`;

export function typologyFieldOf([first, index, ...path]: readonly string[], own: number): TypologyField | null {
  if (first === "name" || first === "description" || first === "pool") return first;
  if (first !== "rules" || index === undefined || Number(index) >= own) return null;
  return `own/${Number(index)}/${path.length === 0 ? "name" : path.join("/")}`;
}

/** What is said about one own rule, by the path inside it. */
export function errorsOfRule(errors: Partial<Record<TypologyField, string>>, index: number): Record<string, string> {
  const prefix = `own/${index}/`;
  return Object.fromEntries(
    Object.entries(errors).flatMap(([field, message]) =>
      field.startsWith(prefix) && message !== undefined ? [[field.slice(prefix.length), message]] : [],
    ),
  );
}
