/**
 * What a recipient's no means: they leave the service that the message is of; or, where it is of none or they want no mail at all, the
 * address goes on the denylist at once, whether its recipient is still there or not. It is kept who asked, how and when. And its
 * undoing, for a button pressed by mistake.
 */
import { parseAddress } from "../../core/address/parse-address.ts";
import type { MessageKey } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { putOutbox } from "../../platform/outbox.ts";
import { denylist, liftDenylisting } from "../audience/index.ts";
import { endByMessage, lockService, takeBackEnd } from "../services/index.ts";
import {
  findLiftable,
  findRecipient,
  findStanding,
  hasOtherEnd,
  insertUnsubscription,
  lockRecipient,
  markUndone,
  type UnsubscribeSource,
} from "./store.ts";

/** What the denylist gives as its reason. */
const REASON = "unsubscribed";

/** `language`: of the recipient's attributes; anything. `service`: name of what the wish is about; null: all mail. */
type Person = { readonly address: string; readonly language: unknown; readonly service: string | null };

/** `first`: not a repetition of what this message's recipient had asked already. */
export type Unsubscribed = Person & {
  readonly kind: "unsubscribed";
  readonly deliveryId: number;
  readonly first: boolean;
};
type Missing = { readonly kind: "missing" };

/**
 * Idempotent. `missing`: there is no such message (any more), so nobody knows whose wish it is. `all`: they want no mail at all, of
 * whichever service the message is.
 */
export async function unsubscribe(
  db: Db,
  key: MessageKey,
  source: UnsubscribeSource,
  at: Instant,
  all = false,
): Promise<Unsubscribed | Missing> {
  const recipient = await findRecipient(db, key);
  if (recipient === null) return { kind: "missing" };
  const { address, language, deliveryId } = recipient;
  const matchKey = matchKeyOf(address);
  return db.transaction(async (tx) => {
    const left = recipient.service && !all ? await endByMessage(tx, recipient.service.id, matchKey, at) : null;
    // Nobody has the address any more: then it is kept from coming back.
    if (left === null) await denylist(tx, { address, reason: REASON, at });
    const serviceId = left === null ? null : (recipient.service?.id ?? null);
    const entry = { ...key, deliveryId, matchKey, address, source, at, serviceId };
    const first = await insertUnsubscription(tx, entry, REASON);
    if (first) await putOutbox(tx, "subscription", ["contact.unsubscribed"], () => ({ ...key, via: source }), at);
    return { kind: "unsubscribed", deliveryId, address, language, service: left?.name ?? null, first };
  });
}

/**
 * `subscribed`: mail goes there again, or still. `stands`: the address is on the denylist by another message's unsubscription,
 * a complaint or an operator.
 */
type Undone = Person & { readonly kind: "subscribed" | "stands" };

/** Takes back this message's unsubscription and nothing else. */
export async function undoUnsubscription(db: Db, key: MessageKey, at: Instant): Promise<Undone | Missing> {
  const recipient = await findRecipient(db, key);
  if (recipient === null) return { kind: "missing" };
  const { address, language, service } = recipient;
  const matchKey = matchKeyOf(address);
  return db.transaction(async (tx): Promise<Undone> => {
    if (service !== null) await lockService(tx, service.id);
    await lockRecipient(tx, matchKey);
    const undone = await markUndone(tx, key, at);
    if (undone && service !== null && !(await hasOtherEnd(tx, matchKey, service.id))) {
      await takeBackEnd(tx, service.id, matchKey, at);
    }
    const since = undone ? await findLiftable(tx, matchKey, REASON) : null;
    if (since !== null) await liftDenylisting(tx, { matchKey, since, at });
    if (undone) await putOutbox(tx, "subscription", ["contact.resubscribed"], () => ({ ...key, via: null }), at);
    const { denylisted, left } = await findStanding(tx, key, matchKey, service);
    const shown = { address, language, service: service?.name ?? null };
    return { kind: denylisted || left ? "stands" : "subscribed", ...shown };
  });
}

type Standing = Person & {
  readonly kind: "found";
  /** `own`: by this message's unsubscription; `other`: for another reason. */
  readonly unsubscribed: "no" | "own" | "other";
};

/** Whom a message went to and whether they still get mail; changes nothing. */
export async function findUnsubscription(db: Db, key: MessageKey): Promise<Standing | Missing> {
  const recipient = await findRecipient(db, key);
  if (recipient === null) return { kind: "missing" };
  const { address, language, service } = recipient;
  const { own, denylisted, left } = await findStanding(db, key, matchKeyOf(address), service);
  const unsubscribed = own !== "none" ? "own" : denylisted || left ? "other" : "no";
  // Whoever gets nothing at all is not told of one service.
  const about = denylisted || own === "all" ? null : (service?.name ?? null);
  return { kind: "found", address, language, service: about, unsubscribed };
}

/** Messages go only to valid addresses. */
function matchKeyOf(address: string): string {
  const parsed = parseAddress(address);
  if (parsed.kind !== "valid") throw new Error(`A message went to an address that is none: ${parsed.kind}`);
  return parsed.matchKey;
}
