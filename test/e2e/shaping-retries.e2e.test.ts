/** When messages are tried again and for how long, how fast and in whose favour, and deliveries that deliver nothing. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { expectAccountingHolds } from "./accounting.ts";
import { ShapingRig, SOON_MS } from "./shaping-rig.ts";
import type { SmtpSink } from "./smtp-sink.ts";
import { until } from "./until.ts";

const HOUR_S = 3600;
const MINUTE_MS = 60_000;
let rig: ShapingRig;

beforeAll(async () => {
  const domains = [
    "later.example",
    "never.example",
    "fast.example",
    "shared.example",
    "stalled.example",
    "free.example",
  ];
  rig = await ShapingRig.open({ domains, keepsSource: true });
});

afterEach(() => rig.stopAll());
afterAll(() => rig.close());

type Wait = { readonly attempts: number; readonly waits: number[] };

/** Milliseconds from the last attempt to the next, of all messages of the delivery, once each had so many attempts. */
function waitsOf(id: number, attempts: number): Promise<Wait["waits"]> {
  return until(async () => {
    const rows = await rig.database.db.query<{ attempts: number; wait: number }>(
      `select m.attempts, (extract(epoch from m.next_attempt_at - max(a.at)) * 1000)::float as wait
         from messages m join delivery_parts p on p.id = m.part_id
         left join message_attempts a on a.part_id = m.part_id and a.seq = m.seq
        where p.delivery_id = $1 group by m.part_id, m.seq, m.attempts, m.next_attempt_at`,
      [id],
    );
    return rows.every((row) => row.attempts === attempts) && rows.map(({ wait }) => wait);
  });
}

function expectBetween(values: readonly number[], least: number, most: number): void {
  expect(values.length).toBeGreaterThan(0);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(least);
  expect(Math.max(...values)).toBeLessThanOrEqual(most);
}

test("waits grow, or follow the schedule, or what the reply asks for", async () => {
  const sink = rig.sink("later.example");
  sink.script = ({ stage, address }) => {
    if (stage !== "rcpt") return undefined;
    return address.startsWith("asked") ? "451 4.7.1 Greylisted, please try again in 1800 seconds" : "451 4.3.0 not now";
  };
  const wanted = { count: 20, domains: ["later.example"] };
  const adaptive = await rig.prepare(wanted);
  const fixed = await rig.prepare({ ...wanted, settings: { retries: { mode: "fixed", count: 3, period: "20m" } } });
  const asked = await rig.prepare({ ...wanted, name: "asked" });
  for (const id of [adaptive, fixed, asked]) await rig.confirm(id);
  expectBetween(await waitsOf(adaptive, 1), 5 * MINUTE_MS, 10 * MINUTE_MS + 1000);
  expectBetween(await waitsOf(fixed, 1), 20 * MINUTE_MS, 24 * MINUTE_MS + 1000);
  expectBetween(await waitsOf(asked, 1), 30 * MINUTE_MS, 45 * MINUTE_MS + 1000);
  const mails = sink.mailsAt.length;
  await rig.hurryMessages();
  expectBetween(await waitsOf(adaptive, 2), 12 * MINUTE_MS, 18 * MINUTE_MS + 1000);
  expectBetween(await waitsOf(fixed, 2), 20 * MINUTE_MS, 24 * MINUTE_MS + 1000);
  expectBetween(await waitsOf(asked, 2), 30 * MINUTE_MS, 45 * MINUTE_MS + 1000);
  expect(sink.mailsAt.length).toBe(mails + 60);
  const why = await rig.call("GET", `/deliveries/${adaptive}/constraint`);
  expect(why).toMatchObject({ constraint: "retry-wait" });
});

test("no message is tried after the end of its delivery, neither again nor for the first time", async () => {
  const sink = rig.sink("never.example");
  // Slower than all can be tried in time.
  await rig.addRule({
    name: "Slowly",
    mx: ["127.0.1.2"],
    connections: { min: 1, max: 1 },
    messagesPerHour: { min: 4 * HOUR_S, max: 4 * HOUR_S },
  });
  const tried = new Set<string>();
  sink.script = ({ stage, address }) => {
    if (stage !== "rcpt") return undefined;
    tried.add(address);
    return "451 4.3.0 not now";
  };
  const settings = { validity: "8s", partSize: 10 };
  const id = await rig.prepare({ count: 60, domains: ["never.example"], settings });
  await rig.confirm(id);
  const figures = await rig.untilState(id, "finished");
  expect(figures).toMatchObject({ sent: 0, failed: 60 });
  const [end] = await rig.database.db.query<{ at: number }>(
    "select (extract(epoch from valid_until) * 1000)::float as at from deliveries where id = $1",
    [id],
  );
  const last = performance.timeOrigin + (sink.mailsAt.at(-1) ?? 0);
  expect(last).toBeLessThan(end?.at ?? 0);
  expect(tried.size).toBeGreaterThan(10);
  expect(tried.size).toBeLessThan(60);
  await expectAccountingHolds(rig.database.db, id);
});

/** Mails that began within the last second. */
function lately(sink: SmtpSink): number {
  const since = performance.now() - 1000;
  return sink.mailsAt.filter((at) => at > since).length;
}

test("the speed of a delivery holds, and is changed while it is under way", async () => {
  const sink = rig.sink("fast.example");
  const id = await rig.prepare({ count: 2000, domains: ["fast.example"], settings: { speed: 10 * HOUR_S } });
  await rig.confirm(id);
  await sink.until(() => sink.mailsAt.length >= 25);
  const first = sink.mailsAt.slice(0, 25);
  expect(((first.at(-1) ?? 0) - (first[0] ?? 0)) / 1000).toBeGreaterThan((25 - 10 - 1) / 10 - 0.5);
  await until(async () => {
    const now = await rig.call<{ constraint: string }>("GET", `/deliveries/${id}/constraint`);
    return now.constraint === "delivery-speed";
  });
  for (const [speed, is] of [
    [60 * HOUR_S, (pace: number) => pace > 40],
    [2 * HOUR_S, (pace: number) => pace <= 4],
    [null, (pace: number) => pace > 100],
  ] as const) {
    const at = performance.now();
    await rig.call("POST", `/deliveries/${id}/actions/pace`, { speed });
    await until(() => is(lately(sink)) || sink.timesTaken.size === 2000);
    expect(performance.now() - at).toBeLessThan(SOON_MS);
  }
  await rig.untilState(id, "finished");
});

test("two deliveries at one slow server share it by their priority, whoever came first", async () => {
  const sink = rig.sink("shared.example");
  await rig.addRule({
    name: "Narrow",
    mx: ["127.0.1.4"],
    connections: { min: 2, max: 2 },
    messagesPerHour: { min: 40 * HOUR_S, max: 40 * HOUR_S },
  });
  const low = await rig.prepare({
    count: 1500,
    name: "low",
    domains: ["shared.example"],
    settings: { priority: "low" },
  });
  const high = await rig.prepare({
    count: 1500,
    name: "high",
    domains: ["shared.example"],
    settings: { priority: "very-high" },
  });
  const isHigh = ({ address }: { address: string }) => address.startsWith("high");
  await rig.confirm(low);
  await sink.until(() => sink.taken.length >= 50);
  await rig.confirm(high);
  await sink.until(() => sink.taken.some(isHigh));
  const from = sink.taken.length;
  await sink.until(() => sink.taken.length >= from + 400);
  const share = sink.taken.slice(from, from + 400).filter(isHigh).length / 400;
  // 16 to 2.
  expect(share).toBeGreaterThan(0.8);
  expect(share).toBeLessThan(0.97);
});

test("a server that never answers delays nobody else", async () => {
  const stalled = rig.sink("stalled.example");
  stalled.script = () => new Promise(() => {});
  const free = rig.sink("free.example");
  const id = await rig.prepare({ count: 2000, domains: ["stalled.example", "free.example"] });
  await rig.confirm(id);
  await free.until(() => free.timesTaken.size === 1000);
  expect(stalled.openConnections).toBeGreaterThan(0);
  expect(stalled.timesTaken.size).toBe(0);
  const indicators = await until(async () => {
    const now = await rig.indicators(id);
    return now.sent === 1000 && now;
  });
  expect(indicators).toMatchObject({ state: "in-progress", failed: 0, pending: 1000 });
  const why = await until(async () => {
    const now = await rig.call<{ constraint: string; lanes: unknown[] }>("GET", `/deliveries/${id}/constraint`);
    return now.constraint === "remote" && now;
  });
  expect(why.lanes).toMatchObject([{ provider: "other", waiting: 1000, constraint: "remote" }]);
});

test.each([
  ["test-smtp", ["ehlo", "greeting", "mail", "rcpt"]],
  ["verify", []],
])("mode %s delivers nothing", async (mode, expected) => {
  const sink = rig.sink("later.example");
  const stages = new Map<string, number>();
  sink.script = ({ stage, address }) => {
    stages.set(stage, (stages.get(stage) ?? 0) + 1);
    return stage === "rcpt" && address.startsWith("test-smtp7@") ? "550 5.1.1 unknown" : undefined;
  };
  const before = sink.connections.length;
  const id = await rig.prepare({ count: 200, name: mode, domains: ["later.example"], settings: { mode } });
  await rig.confirm(id);
  const figures = await rig.untilState(id, "finished");
  expect(figures).toMatchObject(mode === "verify" ? { sent: 200, failed: 0 } : { sent: 199, failed: 1 });
  expect([...stages.keys()].toSorted()).toEqual(expected);
  expect(stages.get("rcpt") ?? 0).toBe(mode === "verify" ? 0 : 200);
  expect(sink.connections.length - before > 0).toBe(mode !== "verify");
  expect(sink.timesTaken.size).toBe(0);
  // What a server says of a recipient is true also in a test.
  const { data } = await rig.call<{ data: { address: string }[] }>("GET", "/quarantine?status=quarantined");
  expect(data.map(({ address }) => address)).toEqual(["test-smtp7@later.example"]);
  await expectAccountingHolds(rig.database.db, id);
});
