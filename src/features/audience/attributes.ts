/**
 * Declaring attributes. A declaration holds for all values there are: those of recipients are read by the new type and written anew, in
 * one transaction; where some do not fit, nothing changes unless they are to be erased.
 */
import type { AttributeCheck, AttributeCoverage, DeclaredAttribute } from "../../contract/audience-attributes.ts";
import { type Attribute, guessType, type Notation, readAttributeValue } from "../../core/audience/attribute.ts";
import type { AttributeValue } from "../../core/audience/read-value.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Queryable, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { assertSeen, type Seen } from "../../platform/if-match.ts";
import {
  type AttributeRow,
  deleteAttribute,
  findAttribute,
  insertAttribute,
  listAttributes,
  listValues,
  sampleNames,
  type StoredValue,
  updateAttribute,
  writeValues,
} from "./attribute-store.ts";
import { lockRecipients } from "./recipients-lock.ts";

export type Saving = Notation & { readonly misfits: "refuse" | "erase" };
const PAGE = 5000;
const SAMPLES = 100;
const SHOWN_ERRORS = 10;
const MAX_SHOWN = 200;
const EXAMPLES = 3;

/** Throws `attribute-exists`, `attribute-misfits`. */
export function createAttribute(db: Db, attribute: Attribute, saving: Saving, now: Instant): Promise<AttributeRow> {
  assertValues(attribute);
  return db.transaction(async (tx) => {
    await lockRecipients(tx, "alone");
    if (!(await insertAttribute(tx, attribute, now))) throw appError("attribute-exists", { name: attribute.name });
    await fitValues(tx, attribute, saving, now);
    return mustFindAttribute(tx, attribute.name);
  });
}

/** Throws `attribute-misfits`, `version-conflict`. */
export function changeAttribute(
  db: Db,
  attribute: Attribute,
  saving: Saving,
  seen: Seen,
  now: Instant,
): Promise<AttributeRow> {
  assertValues(attribute);
  return db.transaction(async (tx) => {
    await lockRecipients(tx, "alone");
    const row = await mustFindAttribute(tx, attribute.name, true);
    assertSeen(row.version, seen, `the attribute "${row.name}"`);
    if (!fitsAlready(row, attribute)) await fitValues(tx, attribute, saving, now);
    await updateAttribute(tx, attribute, now);
    return mustFindAttribute(tx, attribute.name);
  });
}

/** The values stay: only nobody says any more what they are. */
export function removeAttribute(db: Db, name: string, seen: Seen): Promise<void> {
  return db.transaction(async (tx) => {
    assertSeen((await mustFindAttribute(tx, name, true)).version, seen, `the attribute "${name}"`);
    await deleteAttribute(tx, name);
  });
}

/** What a declaration would make of the values there are. Changes nothing. */
export async function checkAttribute(db: Queryable, attribute: Attribute, notation: Notation): Promise<AttributeCheck> {
  assertValues(attribute);
  return walkValues(db, attribute, notation, () => Promise.resolve());
}

export async function mustFindAttribute(db: Queryable, name: string, lock = false): Promise<AttributeRow> {
  const row = await findAttribute(db, name, lock);
  if (row === null) throw appError("not-found", { what: "attribute", id: name });
  return row;
}

export function presentAttribute(row: AttributeRow): DeclaredAttribute {
  const { name, type, label, allowed, indexed, version } = row;
  const index = !indexed
    ? "none"
    : row.index_valid === true
      ? "ready"
      : row.index_valid === false
        ? "building"
        : "none";
  return { name, type, label, ...(allowed === null ? {} : { values: allowed }), indexed, index, version };
}

/** What people have, declared or not; and what is declared and nobody has. */
export async function attributeCoverage(db: Queryable): Promise<AttributeCoverage> {
  const { sampled, complete, names } = await sampleNames(db);
  const declared = new Map((await listAttributes(db)).map((row) => [row.name, row.type]));
  const found = new Set(names.map(({ name }) => name));
  const unused = [...declared.keys()].filter((name) => !found.has(name));
  const all = [...names, ...unused.map((name) => ({ name, filled: 0, samples: [] }))];
  const data = all.map(({ name, filled, samples }) => ({
    name,
    declared: declared.has(name),
    type: declared.get(name) ?? null,
    looksLike: guessType(samples),
    coverage: sampled === 0 ? 0 : filled / sampled,
    examples: [...new Set(samples.map((value) => String(value).slice(0, MAX_SHOWN)))].slice(0, EXAMPLES),
  }));
  return { sampled, complete, data };
}

async function fitValues(tx: Tx, attribute: Attribute, saving: Saving, now: Instant): Promise<void> {
  let isRefused = false;
  const check = await walkValues(tx, attribute, saving, async (changed, misfits) => {
    isRefused ||= misfits.length > 0 && saving.misfits === "refuse";
    // Refused in the end: then only the count of misfits is of use.
    if (isRefused) return;
    const erased = misfits.map(({ id }) => ({ id, value: null }));
    if (changed.length + erased.length > 0) await writeValues(tx, attribute.name, [...changed, ...erased], now);
  });
  if (isRefused) throw misfitting(attribute, check);
}

type Changed = { readonly id: number; readonly value: AttributeValue | null };

/** Page by page; `take` gets what would be written anew and what does not fit. */
async function walkValues(
  db: Queryable,
  attribute: Attribute,
  notation: Notation,
  take: (changed: Changed[], misfits: StoredValue[]) => Promise<void>,
): Promise<AttributeCheck> {
  const check: AttributeCheck = { total: 0, fits: 0, converted: 0, misfits: 0, samples: [] };
  for (let after = 0; ; ) {
    const rows = await listValues(db, attribute.name, after, PAGE);
    const changed: Changed[] = [];
    const misfits: StoredValue[] = [];
    for (const row of rows) {
      const read = readAttributeValue(attribute, row.value, notation);
      if (read.kind === "invalid") {
        misfits.push(row);
        if (check.samples.length < SAMPLES) check.samples.push(sampleOf(row, read.problem));
        continue;
      }
      const value = read.kind === "value" ? read.value : blankOf(attribute, row.value);
      if (value !== row.value || row.value === null) changed.push({ id: row.id, value });
    }
    await take(changed, misfits);
    check.total += rows.length;
    check.converted += changed.length;
    check.misfits += misfits.length;
    check.fits = check.total - check.misfits;
    after = rows.at(-1)?.id ?? after;
    if (rows.length < PAGE) return check;
  }
}

const blankOf = ({ type }: Attribute, value: unknown): AttributeValue | null =>
  type === "text" && value === "" ? "" : null;

function sampleOf({ id, address, value }: StoredValue, problem: string) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return { recipientId: String(id), address, value: text.slice(0, MAX_SHOWN), problem: `the value ${problem}` };
}

function misfitting({ name, type }: Attribute, { misfits, total, samples }: AttributeCheck) {
  const errors = samples.slice(0, SHOWN_ERRORS).map(({ recipientId, value, problem }) => ({
    pointer: `/recipients/${recipientId}/attributes/${name}`,
    code: "misfit",
    message: `"${value}": ${problem}`,
  }));
  return appError("attribute-misfits", { name, type, misfits, total }, errors);
}

/** Neither the type nor what it takes becomes narrower. */
function fitsAlready(row: AttributeRow, { type, values, indexed }: Attribute): boolean {
  const isWider = (row.allowed ?? []).every((value) => values?.includes(value));
  return row.type === type && isWider && (type !== "text" || !indexed || row.indexed);
}

function assertValues({ type, values }: Attribute): void {
  const problem = (message: string) =>
    appError("invalid-input", { detail: message }, [{ pointer: "/values", code: "invalid", message }]);
  if ((type === "enum") !== (values !== undefined)) throw problem("An enum lists its values, other types have none");
  const folded = values?.map((value) => value.toLowerCase()) ?? [];
  const twice = folded.findIndex((value, i) => folded.indexOf(value) < i);
  if (twice >= 0) throw problem(`The value ${values?.[twice]} is there twice`);
}
