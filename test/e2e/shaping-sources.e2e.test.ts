/** Sources with addresses of their own, by where the receiving server saw mail come from: shares, binding, block lists, warm-up. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import type { Checklist, Delivery } from "../../src/contract/index.ts";
import type { SourceAnswer, WarmUpCell } from "../../src/contract/shaping.ts";
import { expectAccountingHolds, expectOnceEach } from "./accounting.ts";
import { kill9 } from "./processes.ts";
import { ShapingRig, SOON_MS } from "./shaping-rig.ts";
import type { SmtpSink, Taken } from "./smtp-sink.ts";
import { until } from "./until.ts";

/** Shares by address, of what a server took. */
function sharesOf(taken: readonly Pick<Taken, "from">[]): (from: string) => number {
  return (from) => taken.filter((message) => message.from === from).length / taken.length;
}

const fromOf = (sink: SmtpSink, from: string) => sink.taken.filter((taken) => taken.from === from);

describe("a pool of three", () => {
  const [A, B, C] = ["127.0.0.2", "127.0.0.3", "127.0.0.4"];
  let rig: ShapingRig;
  let first: SourceAnswer;

  beforeAll(async () => {
    rig = await ShapingRig.open({ domains: ["one.example", "two.example", "three.example"], keepsSource: true });
    first = await rig.addSource("a", A);
    const others = [await rig.addSource("b", B), await rig.addSource("c", C)] as const;
    await rig.addPool("News", [
      [first, 5],
      [others[0], 5],
      [others[1], 1],
    ]);
  });

  afterEach(() => rig.stopAll());
  afterAll(() => rig.close());

  test("5/5/1 is 45/45/10 %, each with its own name", async () => {
    const sink = rig.sink("one.example");
    const id = await rig.prepare({ count: 1100, domains: ["one.example"], settings: { pool: "news" } });
    await rig.confirm(id);
    await rig.untilState(id, "finished");
    const share = sharesOf(sink.taken);
    for (const [from, part] of [
      [A, 5 / 11],
      [B, 5 / 11],
      [C, 1 / 11],
    ] as const) {
      expect(Math.abs(share(from) - part)).toBeLessThan(0.05);
    }
    const names = new Set(sink.connections.map(({ from, helo }) => `${from} ${helo}`));
    expect(names).toEqual(new Set([`${A} a.sender.example`, `${B} b.sender.example`, `${C} c.sender.example`]));
    await expectOnceEach(rig.database.db, id, sink.timesTaken);
  });

  test("a source that a server says is on a block list gives its messages to the others, and nobody fails", async () => {
    const sink = rig.sink("three.example");
    const reply = `554 5.7.1 Service unavailable; Client host [${A}] blocked using bl.example.net`;
    sink.script = ({ stage, from }) => (stage === "rcpt" && from === A ? reply : undefined);
    const id = await rig.prepare({ count: 200, domains: ["three.example"], settings: { pool: "News" } });
    await rig.confirm(id);
    const event = await rig.untilEvent(({ kind, cause }) => kind === "restricted" && cause.rule === "dns-block-list");
    expect(event).toMatchObject({ scope: { kind: "lane", source: "a" }, effect: { kind: "avoid" }, endedAt: null });
    expect(event.evidence).toContain("blocked using bl.example.net");
    const figures = await until(async () => {
      await rig.hurryMessages();
      const now = await rig.indicators(id);
      return now.state === "finished" && now;
    });
    expect(figures).toMatchObject({ sent: 200, failed: 0 });
    expect(fromOf(sink, A)).toEqual([]);
    expect(fromOf(sink, B).length).toBeGreaterThan(fromOf(sink, C).length);
    expect(await rig.call("GET", "/quarantine")).toMatchObject({ data: [] });
    await expectAccountingHolds(rig.database.db, id);
  });

  test("a source that is disabled while mail leaves is not used any more after five seconds: 83/17 % of the others", async () => {
    const sink = rig.sink("two.example");
    const rate = 60 * 3600;
    await rig.addRule({
      name: "Slowly",
      mx: ["127.0.1.2"],
      connections: { min: 2, max: 2 },
      messagesPerHour: { min: rate, max: rate },
    });
    const id = await rig.prepare({ count: 1200, domains: ["two.example"], settings: { pool: "News" } });
    await rig.confirm(id);
    await sink.until(() => fromOf(sink, A).length > 50);
    const at = performance.now();
    await rig.changeSource(first, { enabled: false });
    await rig.untilState(id, "finished");
    const after = sink.taken.filter((taken) => taken.at > at + SOON_MS);
    expect(after.length).toBeGreaterThan(200);
    expect(sharesOf(after)(A)).toBe(0);
    const others = sink.taken.filter(({ from }) => from !== A);
    expect(Math.abs(sharesOf(others)(B) - 5 / 6)).toBeLessThan(0.05);
    expect(sink.timesTaken.size).toBe(1200);
  });

  test("a pool that there is not is an error of the analysis, before anything is sent", async () => {
    const id = await rig.create({ count: 10, settings: { pool: "Nowhere" } });
    await rig.call("POST", `/deliveries/${id}/actions/analyse`);
    await until(async () => (await rig.call<Delivery>("GET", `/deliveries/${id}`)).state !== "analysing");
    const { items } = await rig.call<Checklist>("GET", `/deliveries/${id}/checklist`);
    const errors = items.filter(({ level }) => level === "error");
    expect(errors).toMatchObject([{ id: "pool-unknown", title: 'There is no pool "Nowhere"' }]);
    await expect(rig.confirm(id)).rejects.toThrow(/409/);
  });
});

const PER_DAY = 800;
const PER_HOUR = 100;

describe("two sender processes", () => {
  const [COLD, WARM] = ["127.0.0.5", "127.0.0.6"];
  let rig: ShapingRig;

  beforeAll(async () => {
    rig = await ShapingRig.open({
      domains: ["one.example", "two.example"],
      env: () => ({ ENVOI_SENDERS: "2" }),
      keepsSource: true,
      shaping: `[[provider]]\nname = "own"\nlabel = "Own"\nmx = ["127.0.1.2"]\nwarm_up = [${PER_DAY}, 1000]\nsource = "test"\nexamples = ["127.0.1.2"]\n`,
    });
  });

  afterEach(() => rig.stopAll());
  afterAll(() => rig.close());

  test("a source is used by the process that it is bound to, and by no other", async () => {
    const sink = rig.sink("one.example");
    const sources = [
      await rig.addSource("left", "127.0.0.2", { sender: 0 }),
      await rig.addSource("right", "127.0.0.3", { sender: 1 }),
    ] as const;
    await rig.addPool("Both", [
      [sources[0], 1],
      [sources[1], 1],
    ]);
    const settings = { pool: "Both", partSize: 10 };
    const id = await rig.prepare({ count: 400, domains: ["one.example"], settings });
    expect(rig.senders()).toHaveLength(2);
    await rig.confirm(id);
    await rig.untilState(id, "finished");
    const share = sharesOf(sink.taken);
    expect(share("127.0.0.2")).toBeGreaterThan(0.1);
    expect(share("127.0.0.3")).toBeGreaterThan(0.1);
    const lanes = await until(async () => {
      const told = await rig.lanes("one.example");
      return told.length === 2 && told;
    });
    expect(new Set(lanes.map(({ sender }) => sender)).size).toBe(2);
    await expectOnceEach(rig.database.db, id, sink.timesTaken);
    await expectAccountingHolds(rig.database.db, id);
  });

  test("a new source sends no more than its allowance, also when its process is killed; the rest leaves from the warm one", async () => {
    const sink = rig.sink("two.example");
    const cold = await rig.addSource("cold", COLD, { sender: 0, warmUp: "automatic" });
    const warm = await rig.addSource("warm", WARM, { sender: 0 });
    await rig.addPool("Mixed", [
      [cold, 1],
      [warm, 1],
    ]);
    await rig.addPool("New", [[cold, 1]]);
    sink.script = async ({ stage }) => {
      if (stage === "dot") await new Promise((resolve) => setTimeout(resolve, 50));
      return undefined;
    };
    const began = Date.now();
    const id = await rig.prepare({ count: 300, domains: ["two.example"], settings: { pool: "Mixed" } });
    await rig.confirm(id);
    await sink.until(() => fromOf(sink, COLD).length >= 12);
    kill9(...rig.senders());
    await rig.untilState(id, "finished");
    const hours = Math.floor(Date.now() / 3_600_000) - Math.floor(began / 3_600_000) + 1;
    const left = fromOf(sink, COLD).length;
    expect(left).toBeLessThanOrEqual(PER_HOUR * hours);
    expect(sink.timesTaken.size).toBe(300);
    expect(fromOf(sink, WARM).length).toBe(sink.taken.length - left);
    const cell = await until(async () => {
      const { data } = await rig.call<{ data: WarmUpCell[] }>("GET", `/warm-up?provider=own&source=${cold.id}`);
      return data.find(({ acceptedToday }) => acceptedToday > 0) ?? null;
    });
    expect(cell).toMatchObject({
      source: "cold",
      state: "warming",
      day: 1,
      allowance: PER_DAY,
      hourlyAllowance: PER_HOUR,
    });
    // What a killed process had taken and not used is wasted, never used twice.
    expect(cell.used).toBeGreaterThanOrEqual(left);
    expect(cell.used).toBeLessThanOrEqual(PER_HOUR * hours);

    const waiting = await rig.prepare({ count: 150, domains: ["two.example"], settings: { pool: "New" } });
    await rig.confirm(waiting);
    const why = await until(async () => {
      const now = await rig.call<{ constraint: string; why: string }>("GET", `/deliveries/${waiting}/constraint`);
      return now.constraint === "warm-up" && now;
    });
    expect(why.why).toContain("cold");
    expect(fromOf(sink, COLD).length).toBeLessThanOrEqual(PER_HOUR * (hours + 1));
  });
});
