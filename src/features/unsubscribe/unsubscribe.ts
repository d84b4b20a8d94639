/**
 * What a recipient's no means: the address of the message goes on the denylist at once, whether its recipient is still there or
 * not, and it is kept who asked, how and when. And its undoing, for a button pressed by mistake.
 */
import { parseAddress } from "../../core/address/parse-address.ts";
import type { MessageKey } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { putOutbox } from "../../platform/outbox.ts";
import { denylist, liftDenylisting } from "../audience/index.ts";
import {
  findLiftable,
  findRecipient,
  findStanding,
  insertUnsubscription,
  lockRecipient,
  markUndone,
  type UnsubscribeSource,
} from "./store.ts";

/** What the denylist gives as its reason. */
const REASON = "unsubscribed";

/** `language`: of the recipient's attributes; anything. */
type Person = { readonly address: string; readonly language: unknown };

/** `first`: not a repetition of what this message's recipient had asked already. */
export type Unsubscribed = Person & {
  readonly kind: "unsubscribed";
  readonly deliveryId: number;
  readonly first: boolean;
};
type Missing = { readonly kind: "missing" };

/** Idempotent. `missing`: there is no such message (any more), so nobody knows whose wish it is. */
export async function unsubscribe(
  db: Db,
  key: MessageKey,
  source: UnsubscribeSource,
  at: Instant,
): Promise<Unsubscribed | Missing> {
  const recipient = await findRecipient(db, key);
  if (recipient === null) return { kind: "missing" };
  const { address, language, deliveryId } = recipient;
  const matchKey = matchKeyOf(address);
  const first = await db.transaction(async (tx) => {
    await denylist(tx, { address, reason: REASON, at });
    const isFirst = await insertUnsubscription(tx, { ...key, deliveryId, matchKey, address, source, at }, REASON);
    if (isFirst) await putOutbox(tx, "subscription", ["contact.unsubscribed"], () => ({ ...key, via: source }), at);
    return isFirst;
  });
  return { kind: "unsubscribed", deliveryId, address, language, first };
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
  const { address, language } = recipient;
  const matchKey = matchKeyOf(address);
  return db.transaction(async (tx): Promise<Undone> => {
    await lockRecipient(tx, matchKey);
    const undone = await markUndone(tx, key, at);
    const since = undone ? await findLiftable(tx, matchKey, REASON) : null;
    if (since !== null) await liftDenylisting(tx, { matchKey, since, at });
    if (undone) await putOutbox(tx, "subscription", ["contact.resubscribed"], () => ({ ...key, via: null }), at);
    const { denylisted } = await findStanding(tx, key, matchKey);
    return { kind: denylisted ? "stands" : "subscribed", address, language };
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
  const { own, denylisted } = await findStanding(db, key, matchKeyOf(recipient.address));
  const unsubscribed = own ? "own" : denylisted ? "other" : "no";
  return { kind: "found", address: recipient.address, language: recipient.language, unsubscribed };
}

/** Messages go only to valid addresses. */
function matchKeyOf(address: string): string {
  const parsed = parseAddress(address);
  if (parsed.kind !== "valid") throw new Error(`A message went to an address that is none: ${parsed.kind}`);
  return parsed.matchKey;
}
