/**
 * Live pages: one listener per process hears which deliveries moved and reads each of them at most twice a second, however
 * many pages watch it. Nothing is read while nobody watches. A page that reads slowly misses figures, never events.
 *
 * Time here is the monotonic clock: only differences count.
 */
import type { DeliveryState } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Listener } from "../../platform/db.ts";
import { errorText } from "../../platform/errors.ts";
import { PROGRESS_CHANNEL } from "../../platform/events.ts";
import type { Log } from "../../platform/log.ts";
import { listEvents } from "../deliveries/index.ts";
import { presentDestination, presentLive, type IndicatorRow } from "./present.ts";
import { createRateMeter, type RateMeter } from "./rate.ts";
import { findEventBefore, listDestinations, loadIndicators } from "./store.ts";

const PUSH_EVERY_MS = 500;
/** A delivery on the move is read this often without being told: rates sink, and a notification may be lost. */
const REFRESH_EVERY_MS = 2000;
/** Destinations cost more to add up and matter less to the eye. */
const DESTINATIONS_EVERY_MS = 2000;
const DESTINATIONS_SHOWN = 100;
const HEARTBEAT_MS = 15_000;
/** Events that a page without a Last-Event-ID gets at first: what it may have missed while it loaded. */
const EVENTS_AT_FIRST = 20;
const EVENTS_AT_ONCE = 500;

/** A connected page. */
type Watcher = {
  write(text: string): void;
  /** The page does not keep up: figures are left out, the next ones are newer anyway. */
  isSlow(): boolean;
  end(): void;
};

type Watching = { readonly watcher: Watcher; lastEventId: number };

type Topic = {
  readonly id: number;
  readonly watching: Set<Watching>;
  meter: RateMeter;
  rate: number | null;
  figures: string;
  destinations: string;
  timer: NodeJS.Timeout | undefined;
  running: boolean;
  dirty: boolean;
  pushedAt: number;
  destinationsAt: number;
};

export type LiveFeed = {
  /** Gives the function that ends it. `lastEventId` as the page sends it on reconnecting, or null. */
  watch(deliveryId: number, lastEventId: number | null, watcher: Watcher): Promise<() => void>;
  /** Final outcomes per second of a delivery that somebody watches; null when not known. */
  rateOf(deliveryId: number): number | null;
  close(): Promise<void>;
};

/** Longer than a screen because the functions inside share its state. */
export function createLiveFeed(db: Db, log: Log, now: () => Instant): LiveFeed {
  const topics = new Map<number, Topic>();
  let listening: Promise<Listener> | null = null;
  let heartbeat: NodeJS.Timeout | undefined;
  let closed = false;

  const listen = async () => {
    listening ??= db.listen(PROGRESS_CHANNEL, (payload) => {
      // Empty after each (re)connect: anything may have happened meanwhile.
      const moved = payload === "" ? [...topics.values()] : [topics.get(Number(payload))];
      for (const topic of moved) if (topic) markDirty(topic);
    });
    try {
      await listening;
    } catch (error) {
      listening = null;
      throw error;
    }
    heartbeat ??= setInterval(() => {
      for (const topic of topics.values()) for (const { watcher } of topic.watching) watcher.write(": still here\n\n");
    }, HEARTBEAT_MS).unref();
  };

  const markDirty = (topic: Topic) => {
    topic.dirty = true;
    if (!topic.running) schedule(topic, topic.pushedAt + PUSH_EVERY_MS - performance.now());
  };

  const schedule = (topic: Topic, ms: number) => {
    clearTimeout(topic.timer);
    if (closed || topic.watching.size === 0) return;
    topic.timer = setTimeout(() => void run(topic), Math.max(0, ms));
  };

  const run = async (topic: Topic) => {
    topic.running = true;
    topic.dirty = false;
    topic.pushedAt = performance.now();
    let again = Infinity;
    try {
      again = await push(topic);
    } catch (error) {
      // The database is away: pages keep what they have and we try again.
      topic.dirty = true;
      log.warn({ delivery: topic.id, error: errorText(error) }, "live figures could not be read");
    }
    topic.running = false;
    if (topic.dirty) again = PUSH_EVERY_MS;
    if (Number.isFinite(again)) schedule(topic, topic.pushedAt + again - performance.now());
  };

  /** Reads and writes once; milliseconds until the next time nobody asks for, Infinity for never. */
  const push = async (topic: Topic): Promise<number> => {
    const row = await loadIndicators(db, topic.id, now());
    if (row === null) {
      for (const { watcher } of topic.watching) watcher.end();
      return Infinity;
    }
    const moving = isMoving(row.state);
    measureRate(topic, row, moving);
    topic.figures = format("indicators", presentLive(row, topic.rate, now()));
    const dueDestinations = performance.now() - topic.destinationsAt >= DESTINATIONS_EVERY_MS;
    if (dueDestinations) {
      topic.destinationsAt = performance.now();
      const over = row.state === "stopped" || row.state === "finished";
      const rows = await listDestinations(db, topic.id, null, DESTINATIONS_SHOWN);
      topic.destinations = format(
        "destinations",
        rows.map((each) => presentDestination(each, over)),
      );
    }
    for (const { watcher } of topic.watching) {
      if (!watcher.isSlow()) watcher.write(dueDestinations ? topic.figures + topic.destinations : topic.figures);
    }
    for (const watching of topic.watching) await pushEvents(topic.id, watching);
    return moving || !dueDestinations ? REFRESH_EVERY_MS : Infinity;
  };

  const pushEvents = async (id: number, watching: Watching) => {
    const events = await listEvents(db, id, watching.lastEventId, EVENTS_AT_ONCE);
    for (const event of events) watching.watcher.write(format("event", event, event.id));
    const last = events.at(-1);
    if (last) watching.lastEventId = Number(last.id);
  };

  return {
    async watch(deliveryId, lastEventId, watcher) {
      await listen();
      const start = lastEventId ?? (await findEventBefore(db, deliveryId, EVENTS_AT_FIRST));
      const topic = topics.get(deliveryId) ?? newTopic(deliveryId);
      topics.set(deliveryId, topic);
      const watching = { watcher, lastEventId: start };
      topic.watching.add(watching);
      // What others see already comes at once, the rest with the next push.
      watcher.write(topic.figures + topic.destinations);
      markDirty(topic);
      return () => {
        topic.watching.delete(watching);
        if (topic.watching.size > 0) return;
        clearTimeout(topic.timer);
        topics.delete(deliveryId);
      };
    },
    rateOf: (deliveryId) => topics.get(deliveryId)?.rate ?? null,
    async close() {
      closed = true;
      clearInterval(heartbeat);
      for (const topic of topics.values()) {
        clearTimeout(topic.timer);
        for (const { watcher } of topic.watching) watcher.end();
      }
      topics.clear();
      await (await listening?.catch(() => null))?.close();
    },
  };
}

function newTopic(id: number): Topic {
  return {
    id,
    watching: new Set(),
    meter: createRateMeter(),
    rate: null,
    figures: "",
    destinations: "",
    timer: undefined,
    running: false,
    dirty: false,
    pushedAt: -Infinity,
    destinationsAt: -Infinity,
  };
}

/** States in which figures change without anybody's doing. */
function isMoving(state: DeliveryState): boolean {
  return state === "in-progress" || state === "pausing" || state === "stopping" || state === "analysing";
}

function measureRate(topic: Topic, row: IndicatorRow, moving: boolean): void {
  if (moving) topic.rate = topic.meter.sample(performance.now(), row.sent + row.failed + row.in_doubt);
  else {
    topic.rate = null;
    topic.meter = createRateMeter();
  }
}

/** One event of the stream (HTML Living Standard, server-sent events). JSON has no raw line breaks. */
function format(event: string, data: unknown, id?: string): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
