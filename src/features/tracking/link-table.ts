/**
 * Where the links of deliveries lead, in memory: a redirect needs no database. Deliveries that were started recently are read
 * ahead, and again whenever one is confirmed; others are read when a link of theirs is followed.
 */
import { domainToASCII } from "node:url";
import { parseDuration, type Instant } from "../../core/time.ts";
import { toLocation } from "../../core/tracking/location.ts";
import type { Db, Listener } from "../../platform/db.ts";
import { errorText } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import { CONTROL_CHANNEL } from "../deliveries/index.ts";
import { findDelivery, listRecentDeliveries, type DeliveryRow } from "./figures-store.ts";

export type FollowKind = "click" | "mirror" | "opt-out";

export type TrackedDelivery = {
  /** Values of Location headers by number; links that lead nowhere and personalised ones are not in it. */
  readonly locations: ReadonlyMap<number, string>;
  /** What following a link means, by number. */
  readonly kinds: ReadonlyMap<number, FollowKind>;
  /** Numbers of the links to the mirror page and the unsubscribe page; 0: not in the content. */
  readonly pages: { readonly mirror: number; readonly "opt-out": number };
  readonly honeypot: number | null;
  /** Null: not started. */
  readonly expiresAt: Instant | null;
  /** Where links lead afterwards; null: nowhere. */
  readonly afterwards: string | null;
};

export type LinkTable = {
  /** Null: there is no such delivery. Rejects when it is not in memory and the database is away. */
  find(deliveryId: number): Promise<TrackedDelivery | null>;
  close(): Promise<void>;
};

const READ_AHEAD = 500;
const REMEMBERED = 2000;

export async function openLinkTable(db: Db, log: Log): Promise<LinkTable> {
  const known = new Map<number, TrackedDelivery>();
  const asked = new Map<number, Promise<TrackedDelivery | null>>();

  const remember = (row: DeliveryRow): TrackedDelivery => {
    const delivery = compile(row);
    known.delete(row.id);
    // Until it starts, another analysis may number its links anew.
    if (row.started_at === null) return delivery;
    known.set(row.id, delivery);
    for (const oldest of known.keys()) {
      if (known.size <= REMEMBERED) break;
      known.delete(oldest);
    }
    return delivery;
  };
  const read = async (id: number): Promise<TrackedDelivery | null> => {
    const row = await findDelivery(db, id);
    return row && remember(row);
  };
  const readAhead = async () => {
    // The newest last: it is forgotten last.
    for (const row of (await listRecentDeliveries(db, READ_AHEAD)).toReversed()) remember(row);
  };
  const refresh = async (payload: string) => {
    try {
      if (payload === "") await readAhead();
      else await read(Number(payload));
    } catch (error) {
      log.warn({ error: errorText(error) }, "links of deliveries could not be read");
    }
  };
  const firstRead = Promise.withResolvers<void>();
  // Called with "" at once, and again after each time that something may have been missed.
  const listener: Listener = await db.listen(CONTROL_CHANNEL, (payload) => {
    void refresh(payload).then(firstRead.resolve);
  });
  await firstRead.promise;
  return {
    find: async (id) => {
      const delivery = known.get(id);
      if (delivery) return delivery;
      let answer = asked.get(id);
      if (answer === undefined) {
        answer = read(id).finally(() => asked.delete(id));
        asked.set(id, answer);
      }
      return answer;
    },
    close: () => listener.close(),
  };
}

function compile(row: DeliveryRow): TrackedDelivery {
  const locations = row.links.flatMap(({ number, url, personalised }) => {
    const location = personalised ? null : toLocation(url, domainToASCII);
    return location === null ? [] : [[number, location] as const];
  });
  const validity = parseDuration(row.validity ?? "");
  return {
    locations: new Map(locations),
    kinds: new Map(
      row.links.map(({ number, mode }) => [number, mode === "mirror" || mode === "opt-out" ? mode : "click"]),
    ),
    pages: {
      mirror: numberOf(row, "mirror", "message.mirror_url"),
      "opt-out": numberOf(row, "opt-out", "message.unsubscribe_url"),
    },
    honeypot: row.honeypot,
    expiresAt: row.started_at === null || validity === null ? null : row.started_at + validity,
    afterwards: row.expired_url === null ? null : toLocation(row.expired_url, domainToASCII),
  };
}

function numberOf({ links }: DeliveryRow, mode: FollowKind, variable: string): number {
  return links.find((link) => link.mode === mode && link.url.includes(variable))?.number ?? 0;
}
