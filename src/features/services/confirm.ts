/** A link of a confirmation mail: what it is for, and that it is used. */
import type { RequestRow } from "./subscription-store.ts";
import { endOf, isSubscribed } from "../../core/service/subscription.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Queryable, Tx } from "../../platform/db.ts";
import { chooseLanguage } from "../../platform/public-page.ts";
import { liftDenylisting, upsertWithin } from "../audience/index.ts";
import { oweNews } from "./owe-mails.ts";
import { findService, lockService, type ServiceRow } from "./store.ts";
import { digestOf, eventOf, UNSUBSCRIBED } from "./subscribe.ts";
import {
  findDenylisting,
  findRequest,
  findStandings,
  insertEvents,
  markConfirmed,
  putSubscriptions,
} from "./subscription-store.ts";

/** `used`: it was confirmed before, and then given up again. */
export type Confirmation =
  | { readonly kind: "unknown" | "used" }
  | {
      readonly kind: "confirm" | "subscribed";
      readonly address: string;
      readonly service: string;
      readonly language: string | null;
    };

/** Changes nothing. */
export async function findConfirmation(db: Queryable, token: string, now: Instant): Promise<Confirmation> {
  const found = await findOpen(db, token, now);
  return found === null ? { kind: "unknown" } : stateOf(db, found.request, found.service, now);
}

/** Using it again changes nothing more. */
export function confirm(db: Db, token: string, now: Instant): Promise<Confirmation> {
  return db.transaction(async (tx) => {
    const found = await findOpen(tx, token, now);
    if (found === null) return { kind: "unknown" };
    await lockService(tx, found.service.id);
    // Somebody may have been quicker.
    const request = await findRequest(tx, digestOf(token));
    if (request === null) return { kind: "unknown" };
    const state = await stateOf(tx, request, found.service, now);
    if (state.kind !== "confirm") return state;
    await subscribeConfirmed(tx, request, found.service, now);
    await markConfirmed(tx, digestOf(token), now);
    return { ...state, kind: "subscribed" };
  });
}

async function findOpen(
  db: Queryable,
  token: string,
  now: Instant,
): Promise<{ readonly request: RequestRow; readonly service: ServiceRow } | null> {
  const request = await findRequest(db, digestOf(token));
  const service = request && request.expires_at > now ? await findService(db, request.service_id) : null;
  return request && service ? { request, service } : null;
}

async function stateOf(db: Queryable, request: RequestRow, service: ServiceRow, now: Instant): Promise<Confirmation> {
  const shown = { address: request.address, service: service.name, language: request.language };
  if (request.confirmed_at === null) return { kind: "confirm", ...shown };
  const [standing] = await findStandings(db, service.id, [request.match_key]);
  const stands = standing && isSubscribed({ state: standing.state, endsAt: standing.ends_at }, now);
  return stands ? { kind: "subscribed", ...shown } : { kind: "used" };
}

/** Their own wish from their own mailbox: an earlier "no more mail" of theirs ends with it, nobody else's. */
async function subscribeConfirmed(tx: Tx, request: RequestRow, service: ServiceRow, now: Instant): Promise<void> {
  const { match_key: matchKey, address } = request;
  const save = (attributes: RequestRow["attributes"]) =>
    upsertWithin(tx, { mode: "upsert", onBlank: "keep", recipients: [{ address, attributes }] }, now);
  // What they were to be known by may not fit any more; that is no reason to refuse them.
  const first = (await save(request.attributes)).results[0];
  const saved = first?.id ? first : (await save({})).results[0];
  if (!saved?.id) throw new Error("the address of a wish cannot be saved");
  const since = await findDenylisting(tx, matchKey, UNSUBSCRIBED);
  if (since !== null) await liftDenylisting(tx, { matchKey, since, at: now });
  const to = { state: "subscribed", endsAt: endOf(service.duration_days, now), at: now } as const;
  await putSubscriptions(tx, service.id, [Number(saved.id)], to);
  const by = { origin: request.origin, actor: "" };
  await insertEvents(tx, [eventOf(service, matchKey, "subscribed", by, request.asked_at)], now);
  const language = chooseLanguage(undefined, request.language);
  await oweNews(tx, service, "welcome", { language, people: [{ matchKey, address }] }, now);
}
