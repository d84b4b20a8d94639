/** The attributes that a program gives for one recipient, read by what is declared. */
import { type Attribute, type Notation, readAttributeValue, readUndeclared } from "./attribute.ts";
import type { AttributeValue, ReadValue } from "./read-value.ts";

export type Schema = ReadonlyMap<string, Attribute>;
/** Null: the value is to be erased. */
export type AttributePatch = Readonly<Record<string, AttributeValue | null>>;
export type AttributeProblem = { readonly name: string; readonly problem: string };

export type OnBlank = "keep" | "erase";

const MAX_NAME = 200;

export const schemaOf = (attributes: readonly Attribute[]): Schema =>
  new Map(attributes.map((attribute) => [attribute.name, attribute]));

/** Null always erases. Text that is blank is stored as it is, a blank of another type erases; `keep` leaves both alone. */
export function readAttributes(
  schema: Schema,
  given: Readonly<Record<string, unknown>>,
  onBlank: OnBlank = "erase",
  notation: Notation = {},
): { readonly patch: AttributePatch; readonly problems: readonly AttributeProblem[] } {
  const patch: [string, AttributeValue | null][] = [];
  const problems: AttributeProblem[] = [];
  for (const [name, value] of Object.entries(given)) {
    const attribute = schema.get(name);
    const read =
      checkName(name) ?? (attribute ? readAttributeValue(attribute, value, notation) : readUndeclared(value));
    if (read.kind === "invalid") problems.push({ name, problem: read.problem });
    else if (read.kind === "value") patch.push([name, read.value]);
    else if (value === null) patch.push([name, null]);
    else if (onBlank === "erase") patch.push([name, !attribute || attribute.type === "text" ? "" : null]);
  }
  // An attribute may be called __proto__: entries are own members, an assignment would not be.
  return { patch: Object.fromEntries(patch), problems };
}

function checkName(name: string): (ReadValue & { readonly kind: "invalid" }) | null {
  if (name.trim() === "" || name.length > MAX_NAME) {
    return { kind: "invalid", problem: `has a name that is blank or longer than ${MAX_NAME} characters` };
  }
  if (!name.includes("\0") && name.isWellFormed()) return null;
  return { kind: "invalid", problem: "has a character in its name that no text has" };
}
