/** Limits of MX rules, by the record of the servers that mail goes to: across crashes, and changed while mail is on its way. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import type { ConstraintAnswer } from "../../src/contract/shaping.ts";
import { expectAccountingHolds, expectOnceEach } from "./accounting.ts";
import { kill9 } from "./processes.ts";
import { excessOver, mostAtOnce, ShapingRig, SOON_MS } from "./shaping-rig.ts";
import type { SmtpSink } from "./smtp-sink.ts";
import { until } from "./until.ts";

const HOUR_S = 3600;
let rig: ShapingRig;

beforeAll(async () => {
  rig = await ShapingRig.open({ domains: ["one.example", "two.example", "three.example", "four.example"] });
});

afterEach(() => rig.stopAll());
afterAll(() => rig.close());

const perHour = (perSecond: number) => ({ min: perSecond * HOUR_S, max: perSecond * HOUR_S });

/** Mails that began within the last second. */
function lately(sink: SmtpSink): number {
  const since = performance.now() - 1000;
  return sink.mailsAt.filter((at) => at > since).length;
}

/** How long it takes from `since` until the server sees more (or fewer) than so many messages a second. */
async function untilPace(sink: SmtpSink, is: (perSecond: number) => boolean, since: number): Promise<number> {
  await until(() => is(lately(sink)));
  return performance.now() - since;
}

const CONNECTIONS = 4;
const PER_CONNECTION = 7;
const PER_SECOND = 20;
const CONNECTIONS_PER_SECOND = 4;

test("no window exceeds what a rule allows two sites together, although sender and main process are killed on the way", async () => {
  const sinks = [rig.sink("one.example"), rig.sink("two.example")];
  await rig.addRule({
    name: "Both",
    mx: ["127.0.1.1", "127.0.1.2"],
    countedPer: "rule",
    connections: { min: 1, max: CONNECTIONS },
    messagesPerConnection: PER_CONNECTION,
    messagesPerHour: perHour(PER_SECOND),
    connectionsPerMinute: CONNECTIONS_PER_SECOND * 60,
  });
  const id = await rig.prepare({ count: 300, domains: ["one.example", "two.example"] });
  const taken = () => sinks.reduce((sum, sink) => sum + sink.timesTaken.size, 0);
  await rig.confirm(id);
  await until(() => taken() >= 60);
  kill9(...rig.senders());
  await until(() => taken() >= 150);
  await rig.killMain();
  await rig.start();
  await rig.untilState(id, "finished");

  const connections = sinks.flatMap((sink) => sink.connections);
  const mails = sinks.flatMap((sink) => sink.mailsAt).toSorted((one, other) => one - other);
  const opened = connections.map(({ openedAt }) => openedAt).toSorted((one, other) => one - other);
  // Each connection may have one message on the wire that the server looks at late.
  expect(excessOver(PER_SECOND, mails)).toBeLessThanOrEqual(PER_SECOND + CONNECTIONS);
  expect(excessOver(CONNECTIONS_PER_SECOND, opened)).toBeLessThanOrEqual(CONNECTIONS_PER_SECOND + 1);
  expect(mostAtOnce(connections)).toBeGreaterThan(1);
  expect(mostAtOnce(connections)).toBeLessThanOrEqual(CONNECTIONS);
  expect(Math.max(...connections.map(({ messages }) => messages))).toBe(PER_CONNECTION);
  const timesTaken = new Map(sinks.flatMap((sink) => [...sink.timesTaken]));
  expect(timesTaken.size).toBe(300);
  await expectOnceEach(rig.database.db, id, timesTaken);
  await expectAccountingHolds(rig.database.db, id);
});

test("a rule that is changed acts on its running lane within five seconds, upwards and downwards", async () => {
  const sink = rig.sink("three.example");
  const rule = await rig.addRule({
    name: "Live",
    mx: ["127.0.1.3"],
    connections: { min: 1, max: 3 },
    messagesPerHour: perHour(10),
  });
  const id = await rig.prepare({ count: 1000, domains: ["three.example"] });
  await rig.confirm(id);
  await sink.until(() => sink.mailsAt.length >= 20);
  expect(excessOver(10, sink.mailsAt)).toBeLessThanOrEqual(10 + 3);

  const faster = await rig.changeRule(rule, { messagesPerHour: perHour(40) });
  expect(faster.version).toBeGreaterThan(rule.version);
  expect(await untilPace(sink, (pace) => pace > 25, performance.now())).toBeLessThan(SOON_MS);

  const at = performance.now();
  await rig.changeRule(rule, { messagesPerHour: perHour(2), connections: { min: 1, max: 1 } });
  await sink.until(() => sink.mailsAt.filter((mail) => mail > at + SOON_MS).length > 5);
  const after = sink.mailsAt.filter((mail) => mail > at + SOON_MS);
  expect(excessOver(2, after)).toBeLessThanOrEqual(2 + 1);
  const lane = await rig.lane("three.example", ({ figures }) => figures.messagesPerHour === 2 * HOUR_S);
  expect(lane).toMatchObject({ rule: "Live", figures: { allowedConnections: 1, connections: 1 } });
  expect(sink.openConnections).toBe(1);

  const why = await rig.call("GET", `/deliveries/${id}/constraint`);
  expect(why).toMatchObject({ constraint: "rate", lanes: [{ laneId: lane.id, constraint: "rate" }] });
  const deleted = performance.now();
  await rig.call("DELETE", `/mx-rules/${rule.id}`);
  expect(await untilPace(sink, (pace) => pace > 40, deleted)).toBeLessThan(SOON_MS);
});

test("what operators do to a lane acts within five seconds and is an event", async () => {
  const sink = rig.sink("four.example");
  await rig.addRule({
    name: "Steady",
    mx: ["127.0.1.4"],
    connections: { min: 2, max: 2 },
    messagesPerHour: perHour(20),
  });
  const id = await rig.prepare({ count: 2000, domains: ["four.example"] });
  await rig.confirm(id);
  await untilPace(sink, (pace) => pace > 10, 0);
  const lane = await rig.lane("four.example");
  const steer = (action: string, body?: unknown) => rig.call("POST", `/lanes/${lane.id}/actions/${action}`, body);
  const since = () => performance.now();

  let at = since();
  await steer("pin", { messagesPerHour: HOUR_S, connections: 1 });
  expect(await untilPace(sink, (pace) => pace <= 2, at)).toBeLessThan(SOON_MS);
  at = since();
  await steer("unpin");
  expect(await untilPace(sink, (pace) => pace > 10, at)).toBeLessThan(SOON_MS);

  for (const end of ["release", "undo"]) {
    at = since();
    await steer("suspend", { for: "1h" });
    expect(await untilPace(sink, (pace) => pace === 0, at)).toBeLessThan(SOON_MS);
    const { figures } = await rig.lane("four.example", (now) => now.figures.suspendedUntil !== null);
    expect(figures.constraint).toBe("suspended");
    const why = await rig.call<ConstraintAnswer>("GET", `/deliveries/${id}/constraint`);
    expect(why.constraint).toBe("suspended");
    // The lane counts by the steady clock: as a date, its end moves by a millisecond from one look to the next.
    expect(Math.abs(Date.parse(why.until ?? "") - Date.parse(figures.suspendedUntil ?? ""))).toBeLessThan(1000);
    const [standing] = await rig.events("&standing=true");
    expect(standing).toMatchObject({
      kind: "restricted",
      scope: { kind: "lane", site: lane.site },
      cause: { kind: "operator" },
      effect: { kind: "suspend" },
    });
    expect(lately(sink)).toBe(0);
    at = since();
    if (end === "release") await steer("release");
    else await rig.call("POST", `/shaping-events/${standing?.id}/actions/undo`);
    expect(await untilPace(sink, (pace) => pace > 10, at)).toBeLessThan(SOON_MS);
    expect(await rig.events("&standing=true")).toEqual([]);
  }
  const told = (await rig.events()).filter(({ cause }) => cause.kind === "operator");
  expect(told.map(({ kind, evidence }) => `${kind}: ${evidence.replace(/ by .*/, "")}`).toReversed()).toEqual([
    "adjusted: pinned: 1 connection, 3600 messages an hour",
    "adjusted: no longer pinned",
    "restricted: suspended",
    "adjusted: released",
    "restricted: suspended",
  ]);
});
