/** The live stream over a real connection: figures, destinations, events, resuming, ending. */
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import type { DeliveryEvent, Destination, LiveIndicators } from "../../contract/index.ts";
import { deliveryEventSchema, liveIndicatorsSchema } from "../../contract/responses.ts";
import { recordEvent } from "../../platform/events.ts";

type Received = { at: number; event: string; id: string | null; data: string };

let web: TestWebApp;
let base: string;
const open: Stream[] = [];

beforeAll(async () => {
  web = await createTestWebApp();
  await web.app.listen({ port: 0, host: "127.0.0.1" });
  base = `http://127.0.0.1:${(web.app.server.address() as AddressInfo).port}/api/v1/deliveries`;
});
afterEach(() => {
  for (const stream of open.splice(0)) stream.close();
});
afterAll(() => web.close());

/** A client of server-sent events; `wait` resolves with the first message, old or new, that fits. */
class Stream {
  readonly received: Received[] = [];
  readonly ended: Promise<void>;
  readonly #abort = new AbortController();
  #waiting: (() => void)[] = [];

  constructor(id: number, headers: Record<string, string> = {}) {
    this.ended = this.#read(`${base}/${id}/events`, headers);
    open.push(this);
  }

  async #read(url: string, headers: Record<string, string>): Promise<void> {
    const authorization = `Bearer ${web.token}`;
    const response = await fetch(url, { headers: { authorization, ...headers }, signal: this.#abort.signal });
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    let text = "";
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const blocks = (text + chunk).split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) this.#take(block);
      for (const wake of this.#waiting.splice(0)) wake();
    }
  }

  #take(block: string): void {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1] ?? null;
    const event = field("event");
    if (event) this.received.push({ at: performance.now(), event, id: field("id"), data: field("data") ?? "" });
  }

  async wait<T>(event: string, fits: (data: T) => boolean = () => true): Promise<T> {
    for (let from = 0; ; ) {
      for (; from < this.received.length; from++) {
        const message = this.received[from];
        if (message?.event === event && fits(JSON.parse(message.data) as T)) return JSON.parse(message.data) as T;
      }
      await Promise.race([new Promise<void>((resolve) => this.#waiting.push(resolve)), this.ended]);
    }
  }

  close(): void {
    this.ended.catch(() => {});
    this.#abort.abort();
  }
}

async function newDelivery(state = "in-progress"): Promise<number> {
  const [row] = await web.db.query<{ id: number }>(
    `insert into deliveries (label, state, content, sender, audience, created_at, updated_at, targeted, to_deliver)
     values ('live', $1, '{}', '{}', '{}', now(), now(), 100, 100) returning id`,
    [state],
  );
  const id = row?.id ?? 0;
  await web.db.query("insert into delivery_parts (id, delivery_id, to_deliver, pending) values ($1, $2, 100, 100)", [
    id,
    id,
  ]);
  return id;
}

/** As a sender's commit does it. */
const send = (id: number, count: number) =>
  web.db.transaction(async (tx) => {
    await tx.query("update delivery_parts set pending = pending - $2, sent = sent + $2 where id = $1", [id, count]);
    await tx.query("select pg_notify('envoi_progress', $1)", [String(id)]);
  });

const record = (id: number, kind: "delivery.paused" | "delivery.resumed") =>
  recordEvent(web.db, { deliveryId: id, kind, actor: "test", at: Date.now() });

describe("the live stream", () => {
  test("begins with figures and destinations and follows commits within half a second or so", async () => {
    const id = await newDelivery();
    const stream = new Stream(id);
    const first = liveIndicatorsSchema.parse(await stream.wait("indicators"));
    expect(first).toMatchObject({ toDeliver: 100, pending: 100, sent: 0, state: "in-progress" });
    expect(await stream.wait<Destination[]>("destinations")).toEqual([]);
    const before = performance.now();
    await send(id, 30);
    await stream.wait<LiveIndicators>("indicators", (figures) => figures.sent === 30 && figures.pending === 70);
    expect(performance.now() - before).toBeLessThan(1500);
  });

  test("gives at most two figures a second, however many commits there are, and the last ones", async () => {
    const id = await newDelivery();
    const stream = new Stream(id);
    await stream.wait("indicators");
    for (let i = 0; i < 60; i++) await send(id, 1);
    await stream.wait<LiveIndicators>("indicators", (figures) => figures.sent === 60);
    const times = stream.received.filter((message) => message.event === "indicators").map((message) => message.at);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    // Timers and the loopback may shift a push by a few milliseconds.
    expect(Math.min(...gaps)).toBeGreaterThan(450);
  });

  test("knows rate and remaining time after a second", async () => {
    const id = await newDelivery();
    const stream = new Stream(id);
    await stream.wait("indicators");
    await send(id, 10);
    const figures = await stream.wait<LiveIndicators>("indicators", (each) => each.rate !== null);
    expect(figures.rate).toBeGreaterThan(1);
    expect(figures.etaSeconds).toBe(Math.ceil(90 / (figures.rate ?? 1)));
    const other = await web.call("GET", `/api/v1/deliveries/${id}/indicators`);
    expect((other.body as LiveIndicators).rate).not.toBeNull();
  });

  test("tells events, also those just before, and goes on after Last-Event-ID without repeating", async () => {
    const id = await newDelivery("paused");
    await record(id, "delivery.paused");
    const stream = new Stream(id);
    const paused = deliveryEventSchema.parse(await stream.wait("event"));
    expect(paused).toMatchObject({ kind: "delivery.paused", actor: "test" });
    await record(id, "delivery.resumed");
    await stream.wait<DeliveryEvent>("event", (event) => event.kind === "delivery.resumed");
    expect(stream.received.filter((message) => message.event === "event").map((message) => message.id)).toEqual([
      paused.id,
      String(Number(paused.id) + 1),
    ]);
    stream.close();
    const again = new Stream(id, { "last-event-id": paused.id });
    await again.wait<DeliveryEvent>("event", (event) => event.kind === "delivery.resumed");
    expect(again.received.filter((message) => message.event === "event").length).toBe(1);
  });

  test("several pages see the same, and one of another delivery sees nothing of it", async () => {
    const [id, other] = [await newDelivery(), await newDelivery("paused")];
    const [a, b, c] = [new Stream(id), new Stream(id), new Stream(other)];
    await Promise.all([a, b, c].map((stream) => stream.wait("destinations")));
    const before = c.received.filter((message) => message.event === "indicators").length;
    await send(id, 5);
    await Promise.all([a, b].map((stream) => stream.wait<LiveIndicators>("indicators", (each) => each.sent === 5)));
    expect(c.received.filter((message) => message.event === "indicators").length).toBe(before);
  });

  test("notices when the listening connection was cut", async () => {
    const id = await newDelivery("paused");
    const stream = new Stream(id);
    await stream.wait("indicators");
    await web.db.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen %'",
    );
    await web.db.query("update delivery_parts set pending = 40, sent = 60 where id = $1", [id]);
    await stream.wait<LiveIndicators>("indicators", (figures) => figures.sent === 60);
  });

  test("ends when the delivery is deleted, and when the server closes", async () => {
    const [gone, kept] = [await newDelivery("editing"), await newDelivery("paused")];
    const [first, second] = [new Stream(gone), new Stream(kept)];
    await Promise.all([first.wait("indicators"), second.wait("indicators")]);
    expect((await web.call("DELETE", `/api/v1/deliveries/${gone}`)).status).toBe(204);
    await first.ended;
    await web.app.close();
    await second.ended;
  });
});
