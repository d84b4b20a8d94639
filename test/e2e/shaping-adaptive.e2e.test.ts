/** What lanes learn from replies: fewer connections, half the rate, rests, outages, domains that take nothing; and back again. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import type { LaneAnswer } from "../../src/contract/shaping.ts";
import { expectAccountingHolds, expectOnceEach } from "./accounting.ts";
import { kill9 } from "./processes.ts";
import { excessOver, ShapingRig, SOON_MS } from "./shaping-rig.ts";
import { until } from "./until.ts";

const HOUR_S = 3600;
const PER_SECOND = 20;
const ALLOWED = 3;
const GONE = "550 5.1.1 User unknown";
const CLOSED = "550 5.2.1 This mailbox is disabled";

const SHAPING = `
[[provider]]
name = "strict"
label = "Strict"
mx = ["127.0.1.3"]
source = "test"
examples = ["127.0.1.3"]

[[provider]]
name = "directory"
label = "Directory"
mx = ["127.0.1.4"]
source = "test"
examples = ["127.0.1.4"]

[[rule]]
name = "crowded"
mx = ["127.0.1.1"]
connections = { min = 1, max = 8 }
messages_per_connection = 5
source = "test"
examples = ["127.0.1.1"]

[[rule]]
name = "throttled"
mx = ["127.0.1.2"]
connections = { min = 1, max = 4 }
messages_per_hour = { min = ${HOUR_S}, max = ${PER_SECOND * HOUR_S} }
source = "test"
examples = ["127.0.1.2"]

[[rule]]
name = "one-by-one"
mx = ["127.0.1.3", "127.0.1.4"]
connections = { min = 1, max = 2 }
source = "test"
examples = ["127.0.1.3", "127.0.1.4"]

[[reaction]]
name = "strict-rest"
provider = "strict"
stage = ["mail"]
code = ["421"]
text = ["tss04"]
scope = "provider"
action = "suspend"
duration = "2h"
source = "test"
examples = [{ reply = "421 4.7.0 [TSS04] Messages from 192.0.2.7 temporarily deferred", stage = "mail" }]
`;

let rig: ShapingRig;
/** Answers of its server are complete; what they do is looked at in the last but one test. */
let nobodyThere: number;

beforeAll(async () => {
  const domains = ["crowded.example", "throttled.example", "strict.example", "outage.example", "closed.example"];
  rig = await ShapingRig.open({ domains, shaping: SHAPING });
  rig.sink("closed.example").script = ({ stage }) => (stage === "rcpt" ? CLOSED : undefined);
  nobodyThere = await rig.prepare({ count: 320, domains: ["closed.example"] });
  await rig.confirm(nobodyThere);
  await rig.untilState(nobodyThere, "finished");
});

afterEach(() => rig.stopAll());
afterAll(() => rig.close());

/** Sends what waits, at once, until nothing waits any more. */
function untilFinished(id: number) {
  return until(async () => {
    await rig.hurryMessages();
    const now = await rig.indicators(id);
    return now.state === "finished" && now;
  });
}

test("text that asks for less halves the rate, after a rest", async () => {
  const sink = rig.sink("throttled.example");
  let saidAt = 0;
  sink.script = ({ stage }) => {
    if (stage !== "mail" || saidAt > 0 || sink.timesTaken.size < 30) return undefined;
    saidAt = performance.now();
    return "450 4.7.1 Error: rate limit exceeded";
  };
  const id = await rig.prepare({ count: 80, domains: ["throttled.example"] });
  await rig.confirm(id);
  const event = await rig.untilEvent(({ cause }) => cause.rule === "rate");
  expect(event).toMatchObject({
    kind: "adjusted",
    cause: { kind: "reaction" },
    scope: { kind: "lane" },
    effect: { kind: "limit", messagesPerHour: (PER_SECOND / 2) * HOUR_S },
    deliveryId: null,
  });
  expect(event.evidence).toContain("rate limit exceeded");
  await untilFinished(id);
  expect(sink.timesTaken.size).toBe(80);
  // What was on its way when it was said; then nothing for a while, then at half the rate.
  const after = sink.mailsAt.filter((at) => at > saidAt + 2000);
  expect((after[0] ?? 0) - saidAt).toBeGreaterThan(9000);
  expect(excessOver(PER_SECOND / 2, after)).toBeLessThanOrEqual(PER_SECOND / 2 + 4);
  const lane = await rig.lane("throttled.example");
  expect(lane.figures).toMatchObject({ messagesPerHour: (PER_SECOND / 2) * HOUR_S, allowedConnections: 2 });
});

test("a provider that names a rest has it; an operator undoes it", async () => {
  const sink = rig.sink("strict.example");
  let isOpen = false;
  const reply = "421 4.7.0 [TSS04] Messages from 192.0.2.7 temporarily deferred due to unexpected volume - 4.16.55.1";
  sink.script = ({ stage }) => (stage === "mail" && !isOpen && sink.timesTaken.size >= 20 ? reply : undefined);
  const id = await rig.prepare({ count: 300, domains: ["strict.example"] });
  await rig.confirm(id);
  const event = await rig.untilEvent(({ cause }) => cause.rule === "strict-rest");
  expect(event).toMatchObject({
    kind: "restricted",
    provider: "strict",
    scope: { kind: "provider", provider: "strict", source: "default" },
    effect: { kind: "suspend" },
    endedAt: null,
    deliveryId: String(id),
  });
  expect(event.evidence).toContain("[TSS04]");
  expect(event.messageKey).not.toBeNull();
  const hours = (Date.parse(event.until ?? "") - Date.parse(event.at)) / 3_600_000;
  expect(hours).toBeCloseTo(2, 1);
  const lane = await rig.lane("strict.example", ({ figures }) => figures.constraint === "suspended");
  expect(lane.figures.why).toContain("strict-rest");
  const why = await until(async () => {
    const now = await rig.call<{ constraint: string; why: string }>("GET", `/deliveries/${id}/constraint`);
    return now.constraint === "suspended" && now;
  });
  expect(why.why).toContain("strict");
  // It stays so whatever is due.
  const mails = sink.mailsAt.length;
  await rig.hurryMessages();
  await rig.lane("strict.example", ({ updatedAt }) => updatedAt > lane.updatedAt);
  expect(sink.mailsAt.length).toBe(mails);

  isOpen = true;
  const at = performance.now();
  await rig.call("POST", `/shaping-events/${event.id}/actions/undo`);
  await sink.until(() => sink.timesTaken.size > 20);
  expect(performance.now() - at).toBeLessThan(SOON_MS);
  expect(await untilFinished(id)).toMatchObject({ sent: 300, failed: 0 });
  const [undone] = (await rig.events()).filter((one) => one.id === event.id);
  expect(undone).toMatchObject({ endedAt: expect.any(String), endedBy: expect.stringContaining("admin") });
  await expect(rig.call("POST", `/shaping-events/${event.id}/actions/undo`)).rejects.toThrow(/409/);
});

test("a provider that suddenly knows nobody is out of order: nobody is quarantined for it", async () => {
  const sink = rig.sink("outage.example");
  let isOut = true;
  sink.script = ({ stage }) => (stage === "rcpt" && isOut && sink.timesTaken.size >= 150 ? GONE : undefined);
  const id = await rig.prepare({ count: 400, domains: ["outage.example"] });
  await rig.confirm(id);
  const event = await rig.untilEvent(({ cause }) => cause.kind === "breaker");
  expect(event).toMatchObject({
    kind: "restricted",
    provider: "directory",
    scope: { kind: "provider", provider: "directory", source: null },
    cause: { rule: "unknown-users-outage" },
    effect: { kind: "suspend" },
  });
  expect(event.evidence).toMatch(/of the last \d+ recipients unknown/);
  const quarantined = () =>
    rig.database.db.query("select match_key from quarantine where match_key like '%@outage.example'");
  await until(async () => (await quarantined()).length === 0);
  const refused = (await rig.indicators(id)).failed;
  expect(refused).toBeLessThan(40);

  isOut = false;
  await rig.call("POST", `/shaping-events/${event.id}/actions/undo`);
  const figures = await untilFinished(id);
  expect(figures).toMatchObject({ failed: refused, sent: 400 - refused });
  expect(await quarantined()).toEqual([]);
  await expectOnceEach(rig.database.db, id, sink.timesTaken);
  await expectAccountingHolds(rig.database.db, id);
});

test("a domain that takes nothing is left alone", async () => {
  const event = await rig.untilEvent(({ cause }) => cause.rule === "domain-takes-nothing");
  expect(event).toMatchObject({
    kind: "restricted",
    cause: { kind: "sweep" },
    scope: { kind: "domain", domain: "closed.example" },
    effect: { kind: "suspend" },
  });
  const sink = rig.sink("closed.example");
  const mails = sink.mailsAt.length;
  await rig.database.db.query("delete from quarantine");
  const id = await rig.prepare({ count: 20, domains: ["closed.example"] });
  await rig.confirm(id);
  const why = await until(async () => {
    const now = await rig.call<{ constraint: string; why: string }>("GET", `/deliveries/${id}/constraint`);
    return now.constraint === "suspended" && now;
  });
  expect(why.why).toContain("closed.example");
  expect(sink.mailsAt.length).toBe(mails);
  sink.script = () => undefined;
  await rig.call("POST", `/shaping-events/${event.id}/actions/undo`);
  expect(await untilFinished(id)).toMatchObject({ sent: 20 });
});

test("connections go down to what the server gives, stay so over a crash, and go up again one by one", async () => {
  const sink = rig.sink("crowded.example");
  const isCrowded = () => sink.openConnections > ALLOWED;
  sink.script = async ({ stage }) => {
    if (stage === "greeting" && isCrowded()) return "421 4.7.0 Too many connections";
    if (stage === "dot") await new Promise((resolve) => setTimeout(resolve, 20));
    return undefined;
  };
  const id = await rig.prepare({ count: 300, domains: ["crowded.example"] });
  await rig.confirm(id);
  const event = await rig.untilEvent(({ scope }) => scope.kind === "lane" && scope.site.startsWith("127.0.1.1:"));
  expect(event).toMatchObject({ kind: "adjusted", cause: { kind: "site-failure", rule: "connection-refused" } });
  expect(event.effect).toMatchObject({ kind: "limit", messagesPerHour: null });
  expect(event.evidence).toContain("Too many connections");
  expect(await untilFinished(id)).toMatchObject({ sent: 300, failed: 0 });
  await expectOnceEach(rig.database.db, id, sink.timesTaken);
  const lowered = await rig.lane(
    "crowded.example",
    ({ figures }) => figures.waiting === 0 && figures.connections === 0,
  );
  const { allowedConnections } = lowered.figures;
  expect(allowedConnections).toBeLessThanOrEqual(ALLOWED);

  // A minute later, with another process, and the server has room again.
  sink.script = () => undefined;
  kill9(...rig.senders());
  await rig.database.db.query(
    "update lanes set state = jsonb_set(state, '{raisedAt}', to_jsonb((state->>'raisedAt')::numeric - 61000)) where site like '127.0.1.1:%'",
  );
  const next = await rig.prepare({ count: 100, domains: ["crowded.example"] });
  await rig.confirm(next);
  const raised = (lane: LaneAnswer) =>
    lane.updatedAt > lowered.updatedAt && lane.figures.allowedConnections > allowedConnections;
  const lane = await rig.lane("crowded.example", raised);
  expect(lane.figures.allowedConnections).toBe(allowedConnections + 1);
  await untilFinished(next);
});
