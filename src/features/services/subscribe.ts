/**
 * Subscribing people to a service. Whoever only typed an address gets a mail with a link first (double opt-in): until it is used there
 * is a wish, and neither a recipient nor a subscription.
 */
import { createHash, randomBytes } from "node:crypto";

import type { SubscribeRequest, SubscribeResult } from "../../contract/services.ts";
import { parseAddress, type ValidAddress } from "../../core/address/parse-address.ts";
import { readAttributes, schemaOf } from "../../core/audience/read-attributes.ts";
import {
  CONFIRM_WITHIN,
  decideSubscribe,
  endOf,
  type SubscribeDecision,
  type SubscriptionEvent,
  type SubscriptionOrigin,
} from "../../core/service/subscription.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import type { PageLanguage } from "../../platform/public-page.ts";
import { loadAttributeSchema, upsertWithin } from "../audience/index.ts";
import { admitMails, oweConfirmations, oweNews } from "./owe-mails.ts";
import type { NewMail } from "./mail-store.ts";
import { mustFindService } from "./services.ts";
import { lockService, type ServiceRow } from "./store.ts";
import {
  deleteRequests,
  findStandings,
  insertEvents,
  type NewEvent,
  type NewRequest,
  putRequest,
  putSubscriptions,
  type Standing,
} from "./subscription-store.ts";

/** What a mail for a wish says: its link cannot be guessed. */
const TOKEN_BYTES = 24;
/** Why somebody is on the denylist who pressed "unsubscribe": they may come back by themselves. */
export const UNSUBSCRIBED = "unsubscribed";

export type SubscribeDeps = { readonly db: Db; readonly publicUrl: string };

/** Who asks, and how. */
export type By = { readonly origin: SubscriptionOrigin; readonly actor: string; readonly language: PageLanguage };

type Person = SubscribeRequest["people"][number];
type Row = {
  readonly index: number;
  readonly address: ValidAddress;
  readonly attributes: Person["attributes"];
  readonly standing: Standing;
};

/** What became of each, in their order. Throws `not-found`. */
export function subscribe(
  { db, publicUrl }: SubscribeDeps,
  serviceId: number,
  request: SubscribeRequest,
  by: By,
  now: Instant,
): Promise<SubscribeResult[]> {
  return db.transaction(async (tx) => {
    await lockService(tx, serviceId);
    const service = await mustFindService(tx, serviceId);
    const results: SubscribeResult[] = [];
    const rows = (await readRows(tx, serviceId, request.people, results)).toSorted((a, b) => a.index - b.index);
    const decided = rows.map((row) => ({ row, decision: decideFor(row, service, request.confirmed, now) }));
    const atOnce = decided.filter(({ decision }) => decision.kind === "subscribe" || decision.kind === "renew");
    const asking = decided.flatMap(({ row, decision }) =>
      decision.kind === "ask" ? [{ row, mails: decision.mails, matchKey: row.address.matchKey }] : [],
    );
    for (const { row, decision } of decided) results[row.index] = { status: statusOf(decision), error: "" };
    for (const { row } of asking) results[row.index] = { status: "wait", error: "" };
    await subscribeNow(tx, service, atOnce, { ...by, note: request.note }, now);
    if (!request.quiet) {
      const people = atOnce.flatMap(({ row, decision }) => (decision.kind === "subscribe" ? row.address : []));
      await oweNews(tx, service, "welcome", { language: by.language, people }, now);
    }
    const admitted = await admitMails(tx, asking, now);
    for (const { row } of admitted) results[row.index] = { status: "asked", error: "" };
    await ask(tx, service, admitted, { ...by, publicUrl }, now);
    return results;
  });
}

type Decision = SubscribeDecision | { readonly kind: "denylisted" };
type Decided = { readonly row: Row; readonly decision: Decision };

/** Whoever complained, or was put on the denylist by a person, gets no mail, not even this one. */
function decideFor({ standing }: Row, service: ServiceRow, isConfirmed: boolean, now: Instant): Decision {
  const denied = standing.denylist_reason;
  const mayComeBack = denied === null || (denied === UNSUBSCRIBED && service.double_opt_in && !isConfirmed);
  if (!mayComeBack) return { kind: "denylisted" };
  const { mails, mailed_at: mailedAt, expires_at: expiresAt } = standing;
  const request = mails === null || mailedAt === null || expiresAt === null ? null : { mails, mailedAt, expiresAt };
  const { state, ends_at: endsAt } = standing;
  // Mail does not reach them although they are subscribed: they are to say themselves that they want it again.
  return decideSubscribe(
    { doubleOptIn: service.double_opt_in, isConfirmed, state: denied === null ? state : null, endsAt, request },
    now,
  );
}

function statusOf({ kind }: Decision): SubscribeResult["status"] {
  const words = { subscribe: "subscribed", renew: "renewed", ask: "asked" } as const;
  return kind === "already" || kind === "wait" || kind === "denylisted" ? kind : words[kind];
}

/** Fills `results` with what cannot be an address; an address that is named twice counts once. */
async function readRows(
  tx: Tx,
  serviceId: number,
  people: readonly Person[],
  results: SubscribeResult[],
): Promise<Row[]> {
  const schema = schemaOf(await loadAttributeSchema(tx));
  const found = new Map<string, { index: number; address: ValidAddress; attributes: Person["attributes"] }>();
  for (const [index, { address: text, attributes }] of people.entries()) {
    const address = parseAddress(text);
    const [problem] = readAttributes(schema, attributes, "keep").problems;
    if (address.kind !== "valid") {
      const why = address.kind === "empty" ? "is empty" : address.reason;
      results[index] = { status: "failed", error: `The address ${why}` };
    } else if (problem !== undefined) {
      results[index] = { status: "failed", error: `${problem.name}: the value ${problem.problem}` };
    } else if (found.has(address.matchKey)) {
      results[index] = { status: "already", error: "" };
    } else {
      found.set(address.matchKey, { index, address, attributes });
    }
  }
  const standings = await findStandings(tx, serviceId, [...found.keys()]);
  return standings.flatMap((standing) => {
    const row = found.get(standing.match_key);
    return row ? [{ ...row, standing }] : [];
  });
}

async function subscribeNow(
  tx: Tx,
  service: ServiceRow,
  decided: readonly Decided[],
  by: By & { readonly note: string },
  now: Instant,
): Promise<void> {
  if (decided.length === 0) return;
  const people = decided.map(({ row }) => ({ address: row.address.address, attributes: row.attributes }));
  const upserted = await upsertWithin(tx, { mode: "upsert", onBlank: "keep", recipients: people }, now);
  const events: NewEvent[] = [];
  const ids: number[] = [];
  for (const [at, { row, decision }] of decided.entries()) {
    const result = upserted.results[at];
    if (!result?.id) throw new Error(`nobody has the address that was just saved: ${row.index}`);
    ids.push(Number(result.id));
    events.push(eventOf(service, row.address.matchKey, decision.kind === "renew" ? "renewed" : "subscribed", by));
  }
  await putSubscriptions(tx, service.id, ids, {
    state: "subscribed",
    endsAt: endOf(service.duration_days, now),
    at: now,
  });
  await deleteRequests(
    tx,
    service.id,
    events.map(({ matchKey }) => matchKey),
  );
  await insertEvents(tx, events, now);
}

export function eventOf(
  service: Pick<ServiceRow, "id">,
  matchKey: string,
  kind: SubscriptionEvent,
  { origin, actor, note = "" }: Pick<By, "origin" | "actor"> & { readonly note?: string },
  askedAt: Instant | null = null,
): NewEvent {
  return { serviceId: service.id, matchKey, kind, origin, actor, note, askedAt };
}

/** The mails are owed together with the wishes: either both are kept or neither. */
async function ask(
  tx: Tx,
  service: ServiceRow,
  asking: readonly { readonly row: Row; readonly mails: number }[],
  by: By & { readonly publicUrl: string },
  now: Instant,
): Promise<void> {
  const owed: NewMail[] = [];
  const events: NewEvent[] = [];
  for (const { row, mails } of asking) {
    const token = randomBytes(TOKEN_BYTES).toString("base64url");
    await putRequest(tx, requestOf(service, row, by, { digest: digestOf(token), mails }, now), now);
    const { address, matchKey } = row.address;
    events.push(eventOf(service, matchKey, "asked", by));
    const data = { attributes: row.attributes, link: `${by.publicUrl}/s/confirm/${token}` };
    owed.push({ matchKey, address, data });
  }
  await insertEvents(tx, events, now);
  await oweConfirmations(tx, service, by.language, owed, now);
}

function requestOf(
  service: ServiceRow,
  { address, attributes }: Row,
  by: By,
  mail: Pick<NewRequest, "digest" | "mails">,
  now: Instant,
): NewRequest {
  return {
    service_id: service.id,
    match_key: address.matchKey,
    address: address.address,
    attributes,
    language: by.language,
    origin: by.origin,
    asked_at: now,
    expires_at: now + CONFIRM_WITHIN,
    ...mail,
  };
}

/** What is kept of a link: who reads the database cannot confirm for others. */
export function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
