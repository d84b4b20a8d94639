/**
 * What else happened to a message around a reaction: how many different links were followed within the same second, and whether
 * the same address took the bait. Remembers the last minutes only.
 */
import { MINUTE, SECOND } from "../../core/time.ts";
import type { TrackingEvent } from "./event.ts";

export type Neighbours = {
  note(event: TrackingEvent): void;
  /** As if it had not been noted. */
  forget(event: TrackingEvent): void;
  /** Of an event that was noted, and once those after it were. */
  around(event: TrackingEvent): { readonly linksAtOnce: number; readonly baited: boolean };
};

type Seen = Pick<TrackingEvent, "at" | "link" | "honeypot" | "ip" | "id">;

/** Events remembered of one message: more say nothing new. */
const SEEN_MAX = 30;
/** Messages remembered before the older half is forgotten. */
const MESSAGES_MAX = 20_000;

export function createNeighbours(): Neighbours {
  let recent = new Map<string, Seen[]>();
  let older = new Map<string, Seen[]>();
  const find = (key: string) => recent.get(key) ?? older.get(key);
  return {
    note: (event) => {
      if (event.kind === "open") return;
      const key = `${event.partId}-${event.seq}`;
      const seen = find(key) ?? [];
      if (seen.some(({ id }) => id === event.id)) return;
      if (seen.length >= SEEN_MAX) seen.shift();
      const { at, link, honeypot, ip, id } = event;
      seen.push({ at, link, honeypot, ip, id });
      recent.set(key, seen);
      if (recent.size <= MESSAGES_MAX) return;
      older = recent;
      recent = new Map();
    },
    forget: (event) => {
      const seen = find(`${event.partId}-${event.seq}`);
      const at = seen?.findIndex(({ id }) => id === event.id) ?? -1;
      if (at >= 0) seen?.splice(at, 1);
    },
    around: (event) => {
      const seen = find(`${event.partId}-${event.seq}`) ?? [];
      const atOnce = seen.filter(({ at }) => Math.abs(at - event.at) <= SECOND);
      const baited = ({ id, honeypot, ip, at }: Seen) =>
        id !== event.id && honeypot && ip === event.ip && Math.abs(at - event.at) <= MINUTE;
      return {
        linksAtOnce: new Set(atOnce.filter(({ link }) => link > 0).map(({ link }) => link)).size,
        baited: !event.honeypot && event.kind !== "open" && seen.some(baited),
      };
    },
  };
}
