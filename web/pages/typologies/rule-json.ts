/** A rule as JSON, for those who write it so: what it says besides its name, order and whether it is active, which stand above it. */
import type { OwnDraft } from "./rule-draft.ts";

const ABOVE = new Set(["key", "id", "name", "active", "order"]);

export const ruleText = (rule: OwnDraft): string =>
  JSON.stringify(Object.fromEntries(Object.entries(rule).filter(([field]) => !ABOVE.has(field))), null, 2);

export type ReadRule = { rule: OwnDraft } | { problem: "json" | "kind"; detail: string };

/** A rule that was copied whole brings its name along; it stays the rule that it is, of the kind that it is. */
export function readRule(text: string, { key, id, name, active, order, kind }: OwnDraft): ReadRule {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { problem: "json", detail: error instanceof Error ? error.message : String(error) };
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) return { problem: "json", detail: "{…}" };
  const read = json as Record<string, unknown>;
  if (read["kind"] !== undefined && read["kind"] !== kind) return { problem: "kind", detail: kind };
  const rule = {
    ...read,
    kind,
    key,
    name: typeof read["name"] === "string" ? read["name"] : name,
    active: typeof read["active"] === "boolean" ? read["active"] : active,
    order: typeof read["order"] === "number" ? read["order"] : order,
  } as OwnDraft;
  return { rule: id === undefined ? withoutId(rule) : { ...rule, id } };
}

function withoutId(rule: OwnDraft): OwnDraft {
  const { id: _id, ...rest } = rule;
  return rest as OwnDraft;
}
