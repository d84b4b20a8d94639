/** What persons do to addresses, one or many, each with its note; and complaints, which are an owner's word. */
import type { FailureReason } from "../../core/bounce/verdict.ts";
import type { MessageKey } from "../../core/delivery/status.ts";
import { type AddressEvent, afterEvent, VALID } from "../../core/quarantine/address-state.ts";
import { DAY, type Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { denylist as denylistRecipient, liftDenylisting } from "../audience/index.ts";
import { loadSettings } from "../settings/index.ts";
import { allow as allowAddresses, type Allowed } from "./allowlist-store.ts";
import { trustProvider } from "./guard-store.ts";
import { policyOf } from "./policy.ts";
import { appendHistory, lockStates, type StateChange, writeChanges } from "./record-store.ts";
import { findDenylisting, findMatchKeys, listHeldOf, type QuarantineFilter } from "./store.ts";

/** Addresses of one transaction. */
const BATCH = 5000;
const EXAMPLES = 20;
/** Having confirmed its unknown users, a person is not asked about a provider again for so long. */
const TRUST = DAY;

export type By = { readonly actor: string; readonly note: string; readonly at: Instant };
type Cause = "released" | "confirmed" | "dropped" | "put-in" | "imported" | "allowed" | "requalified";
type Named = { readonly matchKey: string; readonly address: string };

/** Answers with how many changed. What requalifying changes is told of the message that the entry was for. */
async function change(tx: Tx, addresses: readonly Named[], event: AddressEvent, cause: Cause, by: By): Promise<number> {
  const policy = policyOf((await loadSettings(tx)).quarantine);
  const stored = await lockStates(
    tx,
    addresses.map(({ matchKey }) => matchKey),
  );
  const changes: StateChange[] = [];
  for (const { matchKey, address: given } of addresses) {
    const row = stored.get(matchKey);
    const before = row ?? VALID;
    const after = afterEvent(before, event, policy);
    if (after === before) continue;
    const message = cause === "requalified" ? (row?.message ?? null) : null;
    const told = { errorText: row?.errorText ?? "", provider: row?.provider ?? null, message };
    const reason = after.reason ?? before.reason ?? "not-defined";
    changes.push({ matchKey, address: row?.address ?? given, cause, after, reason, ...told, at: by.at, by });
  }
  await writeChanges(tx, changes);
  return changes.length;
}

const named = (matchKeys: readonly string[]): Named[] => matchKeys.map((matchKey) => ({ matchKey, address: matchKey }));

/** Out of quarantine; never off the denylist. */
export function releaseAddresses(
  tx: Tx,
  matchKeys: readonly string[],
  by: By,
  cause: "released" | "requalified" = "released",
): Promise<number> {
  return change(tx, named(matchKeys), { kind: "released" }, cause, by);
}

export function putIn(
  tx: Tx,
  addresses: readonly Named[],
  reason: FailureReason,
  cause: "put-in" | "imported",
  by: By,
): Promise<number> {
  return change(tx, addresses, { kind: "put-in", at: by.at, reason }, cause, by);
}

/** Errors of these are ignored from now on, those that were as well. */
export async function allow(tx: Tx, addresses: readonly Allowed[], by: By): Promise<void> {
  await allowAddresses(tx, addresses, by.actor, by.at);
  await change(tx, addresses, { kind: "released" }, "allowed", by);
}

export type Denylisted = Named & {
  /** `complaint`, or what a person's entry is called. */
  readonly reason: string;
  readonly messageKey: MessageKey | null;
  readonly at: Instant;
};

/** By a complaint or a person: weighs more than an unsubscription, and no button takes it back. */
export async function denylist(
  tx: Tx,
  entry: Denylisted,
  by: { actor: string; note: string } | null = null,
): Promise<void> {
  const { matchKey, address, reason, messageKey, at } = entry;
  const before = await findDenylisting(tx, matchKey);
  await denylistRecipient(tx, { address, reason, at });
  if (before !== null && before.reason !== "unsubscribed") return;
  const message = messageKey === null ? null : { deliveryId: null, ...messageKey };
  const told = { status: "denylisted", reason, errorText: "", provider: null, message, at, by };
  await appendHistory(tx, [{ matchKey, cause: reason === "complaint" ? "complaint" : "put-in", ...told }]);
}

/** One address, to which its owner's no may apply. Throws `address-denylisted` when that is not to be set aside. */
export function release(db: Db, matchKey: string, isDenylistToo: boolean, by: By): Promise<void> {
  return db.transaction(async (tx) => {
    const denied = await findDenylisting(tx, matchKey);
    if (denied !== null && !isDenylistToo)
      throw appError("address-denylisted", { address: matchKey, why: denied.reason });
    await releaseAddresses(tx, [matchKey], by);
    if (denied === null) return;
    await liftDenylisting(tx, { matchKey, since: denied.since, at: by.at });
    const told = {
      status: "valid",
      reason: denied.reason,
      errorText: "",
      provider: null,
      message: null,
      at: by.at,
      by,
    };
    await appendHistory(tx, [{ matchKey, cause: "released", ...told }]);
  });
}

/** Those in quarantine or held that the filter names, some thousands at a time: senders wait for nobody for long. */
export async function releaseMany(
  db: Db,
  filter: QuarantineFilter,
  dryRun: boolean,
  by: By,
): Promise<{ count: number; examples: string[] }> {
  const examples: string[] = [];
  let count = 0;
  for (let after = ""; ; ) {
    const keys = await findMatchKeys(db, filter, after, BATCH);
    after = keys.at(-1) ?? "";
    examples.push(...keys.slice(0, EXAMPLES - examples.length));
    count += dryRun ? keys.length : await db.transaction((tx) => releaseAddresses(tx, keys, by));
    if (keys.length < BATCH) return { count, examples };
  }
}

/** A person's answer about the unknown users of one provider. */
export async function decideHeld(db: Db, provider: string, kind: "confirmed" | "dropped", by: By): Promise<number> {
  if (kind === "confirmed") {
    await db.transaction((tx) => trustProvider(tx, provider, by.at + TRUST, by.actor));
  }
  for (let count = 0; ; ) {
    const done = await db.transaction(async (tx) => {
      const keys = await listHeldOf(tx, provider, BATCH);
      return change(tx, named(keys), { kind }, kind, by);
    });
    count += done;
    if (done < BATCH) return count;
  }
}
