/** Who does not want a service any more, and who takes that back. */
import type { UnsubscribeResult } from "../../contract/services.ts";
import { parseAddress } from "../../core/address/parse-address.ts";
import { endOf, type SubscriptionOrigin } from "../../core/service/subscription.ts";
import { DAY, type Duration, type Instant } from "../../core/time.ts";
import type { Db, Queryable, Tx } from "../../platform/db.ts";
import { chooseLanguage } from "../../platform/public-page.ts";
import { loadSettings } from "../settings/index.ts";
import { forgetMails } from "./mail-store.ts";
import { oweNews } from "./owe-mails.ts";
import { mustFindService } from "./services.ts";
import { findService, lockService, type ServiceRow } from "./store.ts";
import { eventOf } from "./subscribe.ts";
import {
  deleteExpiredRequests,
  deleteRequests,
  expireSubscriptions,
  findStandings,
  insertEvents,
  putSubscriptions,
  type Standing,
} from "./subscription-store.ts";

type By = {
  readonly origin: SubscriptionOrigin;
  readonly actor: string;
  readonly note: string;
  /** They get no good-bye mail. */
  readonly quiet: boolean;
};

/** What became of each, in their order. Who never subscribed is kept as somebody who said no. Throws `not-found`. */
export function endSubscriptions(
  db: Db,
  serviceId: number,
  addresses: readonly string[],
  by: By,
  now: Instant,
): Promise<UnsubscribeResult[]> {
  return db.transaction(async (tx) => {
    await lockService(tx, serviceId);
    const service = await mustFindService(tx, serviceId);
    const read = addresses.map((address) => parseAddress(address));
    const keys = new Set(read.flatMap((address) => (address.kind === "valid" ? [address.matchKey] : [])));
    const standings = new Map((await findStandings(tx, serviceId, [...keys])).map((each) => [each.match_key, each]));
    await end(tx, service, [...standings.values()], by, now);
    return read.map((address): UnsubscribeResult => {
      if (address.kind === "valid") return { status: statusOf(standings.get(address.matchKey)), error: "" };
      return { status: "failed", error: `The address ${address.kind === "empty" ? "is empty" : address.reason}` };
    });
  });
}

function statusOf(standing: Standing | undefined): UnsubscribeResult["status"] {
  if (standing === undefined || standing.recipient_id === null) return "unknown";
  return standing.state === "unsubscribed" ? "already" : "unsubscribed";
}

/** A wish that waits for its confirmation is given up, too. */
async function end(tx: Tx, service: ServiceRow, standings: readonly Standing[], by: By, now: Instant): Promise<number> {
  const serviceId = service.id;
  const ending = standings.filter((standing) => statusOf(standing) === "unsubscribed");
  const ids = ending.flatMap(({ recipient_id: id }) => id ?? []);
  await putSubscriptions(tx, serviceId, ids, { state: "unsubscribed", endsAt: null, at: now });
  await deleteRequests(
    tx,
    serviceId,
    standings.map(({ match_key: key }) => key),
  );
  const events = ending.map(({ match_key: key }) => eventOf(service, key, "unsubscribed", by));
  await insertEvents(tx, events, now);
  await sayGoodbye(tx, service, by.quiet ? [] : ending, now);
  return ending.length;
}

/** Who never subscribed has nothing to be told the end of. */
async function sayGoodbye(tx: Tx, service: ServiceRow, ending: readonly Standing[], now: Instant): Promise<void> {
  const people = ending.flatMap(({ match_key: matchKey, address, state }) =>
    state === "subscribed" && address !== null ? [{ matchKey, address }] : [],
  );
  if (people.length === 0 || service.goodbye_template === null) return;
  const language = chooseLanguage(undefined, (await loadSettings(tx)).language);
  await oweNews(tx, service, "goodbye", { language, people }, now);
}

const BY_MESSAGE: By = { origin: "message", actor: "", note: "", quiet: false };

/**
 * By a link or header of a message of the service. Null: the service is gone, or nobody has the address any more. Else whether
 * anything changed.
 */
export async function endByMessage(
  tx: Tx,
  serviceId: number,
  matchKey: string,
  now: Instant,
): Promise<{ readonly name: string; readonly changed: boolean } | null> {
  if (!(await lockService(tx, serviceId))) return null;
  const service = await findService(tx, serviceId);
  const [standing] = await findStandings(tx, serviceId, [matchKey]);
  if (service === null || standing === undefined || standing.recipient_id === null) return null;
  return { name: service.name, changed: (await end(tx, service, [standing], BY_MESSAGE, now)) > 0 };
}

/** That button was pressed by mistake. */
export async function takeBackEnd(tx: Tx, serviceId: number, matchKey: string, now: Instant): Promise<void> {
  if (!(await lockService(tx, serviceId))) return;
  const service = await findService(tx, serviceId);
  const [standing] = await findStandings(tx, serviceId, [matchKey]);
  if (service === null || standing === undefined || standing.recipient_id === null || standing.state !== "unsubscribed")
    return;
  const to = { state: "subscribed", endsAt: endOf(service.duration_days, now), at: now } as const;
  await putSubscriptions(tx, serviceId, [standing.recipient_id], to);
  await insertEvents(tx, [eventOf(service, matchKey, "resubscribed", BY_MESSAGE)], now);
}

const EXPIRED_AT_ONCE = 10_000;
/** How long the journal tells which mails went out. */
const MAILS_KEPT: Duration = 30 * DAY;

/** Subscriptions whose time is over end; wishes that nobody confirmed, and old notes of mails, are forgotten. How many rows. */
export async function tendSubscriptions(db: Queryable, now: Instant): Promise<number> {
  let done = 0;
  for (let some = EXPIRED_AT_ONCE; some === EXPIRED_AT_ONCE; done += some) {
    some = await expireSubscriptions(db, now, EXPIRED_AT_ONCE);
  }
  return done + (await deleteExpiredRequests(db, now)) + (await forgetMails(db, MAILS_KEPT, now));
}
