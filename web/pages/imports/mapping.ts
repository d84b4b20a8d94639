/** What is said about a file before it is imported: which column has the addresses, what each other one becomes, how values are read. */
import type { DeclaredAttribute } from "../../../src/contract/audience-attributes.ts";
import type { FileLook, ImportOptionsGiven } from "../../../src/contract/audience-imports.ts";

export const MODES = ["upsert", "create", "update"] as const;
export const BLANKS = ["erase", "keep"] as const;
type Type = DeclaredAttribute["type"];

export type Target = {
  column: string;
  /** Left out of the import. */
  skip: boolean;
  /** Name of the attribute. */
  attribute: string;
  /** To be declared as; empty: stays undeclared. Of no use where it is declared already. */
  declare: Type | "";
};

export type ImportDraft = {
  /** Empty: none is chosen yet. */
  address: string;
  targets: readonly Target[];
  mode: (typeof MODES)[number];
  onBlank: (typeof BLANKS)[number];
  decimal: "" | "point" | "comma";
  dates: "" | "dmy" | "mdy";
  label: string;
};

const nameOf = (given: string): string => given.trim();

/** Everything is taken under its own name, as an import without a mapping would. */
export const draftOf = (look: FileLook, fileName: string): ImportDraft => ({
  address: look.address ?? "",
  targets: look.columns.map(({ name }) => ({ column: name, skip: false, attribute: name, declare: "" })),
  mode: "upsert",
  onBlank: "erase",
  decimal: "",
  dates: "",
  label: fileName,
});

export const attributeTargets = ({ targets, address }: ImportDraft): Target[] =>
  targets.filter(({ column }) => column !== address);

/** Two columns for one attribute cannot both be right. */
export function twiceNamed(draft: ImportDraft): Set<string> {
  const names = attributeTargets(draft)
    .filter(({ skip }) => !skip)
    .map(({ attribute }) => nameOf(attribute));
  return new Set(names.filter((name, index) => name !== "" && names.indexOf(name) !== index));
}

export const isReady = (draft: ImportDraft): boolean =>
  draft.address !== "" &&
  twiceNamed(draft).size === 0 &&
  attributeTargets(draft).every(({ skip, attribute }) => skip || nameOf(attribute) !== "");

/** Attributes that are declared before the file is read, so that its values are read by their type. */
export const toDeclare = (draft: ImportDraft, declared: readonly DeclaredAttribute[]): { name: string; type: Type }[] =>
  attributeTargets(draft).flatMap(({ skip, attribute, declare }) =>
    skip || declare === "" || declare === "enum" || declared.some(({ name }) => name === nameOf(attribute))
      ? []
      : [{ name: nameOf(attribute), type: declare }],
  );

export function optionsOf(draft: ImportDraft, format: FileLook["format"], dryRun: boolean): ImportOptionsGiven {
  const changed = attributeTargets(draft).filter(({ skip, column, attribute }) => skip || nameOf(attribute) !== column);
  return {
    mode: draft.mode,
    onBlank: draft.onBlank,
    dryRun,
    format,
    address: draft.address,
    mapping: Object.fromEntries(
      changed.map(({ column, skip, attribute }) => [column, skip ? null : nameOf(attribute)]),
    ),
    ...(draft.decimal === "" ? {} : { decimal: draft.decimal }),
    ...(draft.dates === "" ? {} : { dates: draft.dates }),
    ...(draft.label.trim() === "" ? {} : { label: draft.label.trim() }),
  };
}
