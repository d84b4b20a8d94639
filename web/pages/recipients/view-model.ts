/** What the pages of the audience decide: filters, how attributes are typed into a form, what is sent. */
import type { AttributeCoverage, DeclaredAttribute } from "../../../src/contract/audience-attributes.ts";
import type { RecipientDetail } from "../../../src/contract/audience-recipients.ts";
import type { RecipientFilter } from "../../queries-audience.ts";
import { oneOf, text } from "../../search.ts";

export const STATES = ["denylisted", "quarantined"] as const;
export type RecipientSearch = {
  q?: string | undefined;
  list?: string | undefined;
  import?: string | undefined;
  domain?: string | undefined;
  state?: (typeof STATES)[number] | undefined;
  attribute?: string | undefined;
  value?: string | undefined;
};

export const recipientSearch = (search: Record<string, unknown>): RecipientSearch => ({
  q: text(search["q"]),
  list: text(search["list"]),
  import: text(search["import"]),
  domain: text(search["domain"]),
  state: oneOf(STATES, search["state"]),
  attribute: text(search["attribute"]),
  value: text(search["value"]),
});

export const NO_FILTER = {
  q: undefined,
  list: undefined,
  import: undefined,
  domain: undefined,
  state: undefined,
  attribute: undefined,
  value: undefined,
} satisfies RecipientSearch;

export const isFiltered = (search: RecipientSearch): boolean =>
  Object.values(search).some((value) => value !== undefined);

/** An attribute is a filter once its value is typed, too. */
export const filterOf = ({ state, attribute, value, ...rest }: RecipientSearch): RecipientFilter => ({
  ...rest,
  denylisted: state === "denylisted" ? "true" : undefined,
  quarantined: state === "quarantined" ? "true" : undefined,
  attribute: attribute !== undefined && value !== undefined ? `${attribute}=${value}` : undefined,
});

/** The first few values that are there, for a row. */
export const valuesInRow = (attributes: Record<string, unknown>): string =>
  Object.entries(attributes)
    .filter(([, value]) => value !== "" && value !== null)
    .slice(0, 6)
    .map(([name, value]) => `${name}: ${shownValue(value)}`)
    .join(" · ");

export const shownValue = (value: unknown): string =>
  typeof value === "string" ? value : (JSON.stringify(value) ?? "");

export type Field = { name: string; attribute: DeclaredAttribute | null };

/** Declared attributes first, in their order; then what the recipient has besides. */
export function fieldsOfRecipient(
  attributes: Record<string, unknown>,
  declared: readonly DeclaredAttribute[],
): Field[] {
  const known = new Set(declared.map(({ name }) => name));
  const others = Object.keys(attributes).filter((name) => !known.has(name));
  return [
    ...declared.map((attribute) => ({ name: attribute.name, attribute })),
    ...others.toSorted().map((name) => ({ name, attribute: null })),
  ];
}

export type RecipientDraft = { address: string; values: Readonly<Record<string, string>> };

export const draftOf = ({ address, attributes }: Pick<RecipientDetail, "address" | "attributes">): RecipientDraft => ({
  address,
  values: Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, shownValue(value)])),
});

/** Only what was changed goes out; a field made empty erases. Texts are read by their type on the server. */
export function changeOf(before: RecipientDraft, after: RecipientDraft) {
  const attributes = Object.fromEntries(
    Object.entries(after.values)
      .filter(([name, value]) => value !== (before.values[name] ?? ""))
      .map(([name, value]) => [name, value === "" ? null : value]),
  );
  return {
    ...(after.address.trim() === before.address ? {} : { address: after.address.trim() }),
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
  };
}

/** `/attributes/first~1name` → `first/name`; null: it is about no attribute. */
export const attributeOfPointer = (names: readonly string[]): string | null =>
  names[0] === "attributes" && names[1] !== undefined ? names[1].replaceAll("~1", "/").replaceAll("~0", "~") : null;

export const TYPES = [
  "text",
  "number",
  "boolean",
  "date",
  "timestamp",
  "enum",
] as const satisfies readonly DeclaredAttribute["type"][];
export type AttributeDraft = {
  name: string;
  type: DeclaredAttribute["type"];
  label: string;
  /** Of an enum, one a line. */
  values: string;
  indexed: boolean;
  decimal: "" | "point" | "comma";
  dates: "" | "dmy" | "mdy";
};

export const emptyAttribute = (name = "", type: DeclaredAttribute["type"] = "text"): AttributeDraft => ({
  name,
  type,
  label: "",
  values: "",
  indexed: false,
  decimal: "",
  dates: "",
});

export const attributeDraftOf = ({ name, type, label, values, indexed }: DeclaredAttribute): AttributeDraft => ({
  ...emptyAttribute(name, type),
  label,
  values: (values ?? []).join("\n"),
  indexed,
});

export const linesOf = (given: string): string[] =>
  given
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");

const notation = ({ type, decimal, dates }: AttributeDraft) => ({
  ...(type === "number" && decimal !== "" ? { decimal } : {}),
  ...((type === "date" || type === "timestamp") && dates !== "" ? { dates } : {}),
});

/** What is declared, as the check and both ways of saving take it. */
export const declarationOf = (draft: AttributeDraft) => ({
  type: draft.type,
  label: draft.label.trim(),
  indexed: draft.indexed,
  ...(draft.type === "enum" ? { values: linesOf(draft.values) } : {}),
  ...notation(draft),
});

type Used = AttributeCoverage["data"][number];
/** `used`: null until it is counted, or nobody has it. */
export type AttributeRow = { name: string; declared: DeclaredAttribute | null; used: Used | null };

/** Everything that is declared or in use, each once. */
export function rowsOf(declared: readonly DeclaredAttribute[], used: readonly Used[]): AttributeRow[] {
  const names = [...new Set([...declared.map(({ name }) => name), ...used.map(({ name }) => name)])];
  return names.map((name) => ({
    name,
    declared: declared.find((each) => each.name === name) ?? null,
    used: used.find((each) => each.name === name) ?? null,
  }));
}
