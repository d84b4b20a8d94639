/** Recipients by hand and by programs: one changed, up to a thousand created or updated, each row with its own result. */
import type { RecipientDetail, UpsertRequest, UpsertResult } from "../../contract/audience-recipients.ts";
import type { Recipient } from "../../contract/index.ts";
import { type AddressResult, parseAddress, type ValidAddress } from "../../core/address/parse-address.ts";
import { type AttributeProblem, readAttributes, schemaOf } from "../../core/audience/read-attributes.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { appError, type FieldError } from "../../platform/errors.ts";
import { readId } from "../../platform/paging.ts";
import { loadAttributeSchema } from "./attribute-store.ts";
import { insertMembers } from "./list-store.ts";
import { mustFindList } from "./lists.ts";
import {
  findByKeys,
  findRecipient,
  insertRecipients,
  lockRecipient,
  updateRecipient,
  updateRecipients,
  type Upsert,
} from "./recipient-store.ts";
import { lockRecipients } from "./recipients-lock.ts";

type Given = {
  readonly address?: string | undefined;
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
};
type Result = UpsertResult["results"][number];

/** `seen`: the ETag that was read, null for any. Throws `version-conflict`, `recipient-exists`, `invalid-input`. */
export function changeRecipient(
  db: Db,
  id: number,
  given: Given,
  seen: string | null,
  now: Instant,
): Promise<RecipientDetail> {
  return db.transaction(async (tx) => {
    await lockRecipients(tx, "shared");
    const row = await lockRecipient(tx, id);
    if (row === null) throw appError("not-found", { what: "recipient", id });
    if (seen !== null && seen !== String(row.updated_at)) {
      throw appError("version-conflict", { what: `recipient ${id}` });
    }
    const address = given.address === undefined ? null : parseAddress(given.address);
    const read = readAttributes(schemaOf(await loadAttributeSchema(tx)), given.attributes ?? {});
    const errors = [...addressErrors(address, ""), ...attributeErrors(read.problems, "")];
    if (errors.length > 0) throw invalid(errors);
    const valid = address?.kind === "valid" ? address : null;
    const patch = JSON.stringify(read.patch);
    if (!(await updateRecipient(tx, { id, address: valid, patch }, now))) {
      throw appError("recipient-exists", { address: valid?.address ?? "" });
    }
    return mustFindRecipient(tx, id);
  });
}

export async function mustFindRecipient(db: Pick<Db, "query">, id: number): Promise<RecipientDetail> {
  const recipient = await findRecipient(db, id);
  if (recipient === null) throw appError("not-found", { what: "recipient", id });
  return recipient;
}

/** Rows that cannot be taken cost no other row. Nobody is taken off the denylist. */
export function upsertRecipients(db: Db, request: UpsertRequest, now: Instant): Promise<UpsertResult> {
  return db.transaction((tx) => upsertWithin(tx, request, now));
}

/** The same as a part of something larger. */
export async function upsertWithin(tx: Tx, request: UpsertRequest, now: Instant): Promise<UpsertResult> {
  await lockRecipients(tx, "shared");
  const list = request.list === undefined ? null : await mustFindList(tx, readId(request.list, "list"), true);
  const { good, results } = await readRows(tx, request);
  const done = await writeRows(tx, good, request.mode, now);
  for (const { index, matchKey } of good) results[index] = done.get(matchKey) ?? nobody("skipped");
  const ids = results.flatMap(({ status, id }) => (id !== null && status !== "skipped" ? [Number(id)] : []));
  if (list !== null && ids.length > 0) await insertMembers(tx, list.id, ids);
  const count = (status: Result["status"]) => results.filter((result) => result.status === status).length;
  return {
    counts: {
      total: results.length,
      created: count("created"),
      updated: count("updated"),
      unchanged: count("unchanged"),
      skipped: count("skipped"),
      failed: count("failed"),
    },
    results,
  };
}

type Row = Upsert & { readonly index: number };

async function readRows(tx: Tx, { recipients, onBlank }: UpsertRequest): Promise<{ good: Row[]; results: Result[] }> {
  const schema = schemaOf(await loadAttributeSchema(tx));
  const first = new Map<string, number>();
  const good: Row[] = [];
  const results = recipients.map(({ address: text, attributes }, index): Result => {
    const pointer = `/recipients/${index}`;
    const address = parseAddress(text);
    const read = readAttributes(schema, attributes, onBlank);
    const errors = [...addressErrors(address, pointer), ...attributeErrors(read.problems, pointer)];
    if (address.kind !== "valid" || errors.length > 0) return { ...nobody("failed"), errors };
    const before = first.get(address.matchKey);
    if (before !== undefined) {
      const message = `The same address as /recipients/${before}`;
      return { ...nobody("failed"), errors: [{ pointer: `${pointer}/address`, code: "duplicate", message }] };
    }
    first.set(address.matchKey, index);
    good.push({ ...upsertOf(address, JSON.stringify(read.patch)), index });
    return nobody("skipped");
  });
  return { good, results };
}

async function writeRows(
  tx: Tx,
  rows: readonly Row[],
  mode: UpsertRequest["mode"],
  now: Instant,
): Promise<Map<string, Result>> {
  const created = mode === "update" ? [] : await insertRecipients(tx, rows, now);
  const made = new Set(created.map((row) => row.match_key));
  const others = rows.filter(({ matchKey }) => !made.has(matchKey));
  const updated = mode === "create" ? [] : await updateRecipients(tx, others, now);
  const there = await findByKeys(
    tx,
    others.map(({ matchKey }) => matchKey),
  );
  const done = new Map<string, Result>();
  const put = (key: string, id: number, status: Result["status"]) =>
    done.set(key, { status, id: String(id), errors: [] });
  for (const { match_key: key, id } of there) put(key, id, mode === "create" ? "skipped" : "unchanged");
  for (const { match_key: key, id } of created) put(key, id, "created");
  for (const { match_key: key, id } of updated) put(key, id, "updated");
  return done;
}

const upsertOf = ({ address, matchKey, domain }: ValidAddress, patch: string): Upsert => ({
  address,
  matchKey,
  domain,
  patch,
});

const nobody = (status: Result["status"]): Result => ({ status, id: null, errors: [] });

function addressErrors(address: AddressResult | null, pointer: string): FieldError[] {
  if (address === null || address.kind === "valid") return [];
  const message = address.kind === "empty" ? "An address is needed" : `The address ${address.reason}`;
  return [{ pointer: `${pointer}/address`, code: "invalid-address", message }];
}

function attributeErrors(problems: readonly AttributeProblem[], pointer: string): FieldError[] {
  return problems.map(({ name, problem }) => {
    const key = name.replaceAll("~", "~0").replaceAll("/", "~1");
    return { pointer: `${pointer}/attributes/${key}`, code: "invalid-value", message: `The value ${problem}` };
  });
}

function invalid(errors: readonly FieldError[]) {
  return appError("invalid-input", { detail: errors.map(({ message }) => message).join("; ") }, errors);
}

/** One recipient: made, or attributes merged into the profile that has the address already. */
export async function saveRecipient(
  db: Db,
  given: { readonly address: string; readonly attributes: Record<string, string | number | boolean | null> },
  now: Instant,
): Promise<{ recipient: Recipient; created: boolean }> {
  const request = { mode: "upsert", onBlank: "erase", recipients: [given] } as const;
  const { results } = await upsertRecipients(db, { ...request, recipients: [...request.recipients] }, now);
  const [result] = results;
  if (result === undefined || result.id === null) {
    throw invalid(
      (result?.errors ?? []).map((error) => ({ ...error, pointer: error.pointer.replace("/recipients/0", "") })),
    );
  }
  return { recipient: await mustFindRecipient(db, Number(result.id)), created: result.status === "created" };
}
