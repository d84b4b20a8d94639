/** The way of messages through a sender: every message that is taken comes to one end, by a source that may have it. Fake clock and sockets. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import {
  ACCEPTED,
  directRouting,
  dispatchIn,
  filesWith,
  poolOf,
  reactionTo,
  refused,
  restrictionOf,
  RULE,
  sendable,
  sourceOf,
} from "../../test/dispatch-rig.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../core/time.ts";
import { PUT_OFF_MAX } from "./dispatch.ts";
import type { HeldPart } from "./held-part.ts";
import { createSpeedGate } from "./speed-gate.ts";
import type { WarmUpGate } from "./warm-up-gate.ts";

const TWO = { sources: [sourceOf(1), sourceOf(2)], pools: [poolOf([1, 1], [2, 1])] };
const run = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** Runs like a sender does: lanes are looked at every half second. */
async function runPumped({ dispatch }: Pick<ReturnType<typeof dispatchIn>, "dispatch">, ms: number) {
  for (let passed = 0; passed < ms; passed += 500) {
    dispatch.pump();
    await run(500);
  }
}

const by = (sent: readonly { source: string | null }[], source: string | null) =>
  sent.filter((one) => one.source === source).length;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("sources of messages", () => {
  test("without sources the system chooses, and all is sent", async () => {
    const rig = dispatchIn();
    const part = rig.start(50);
    await run(2000);
    expect(rig.records.map(({ status }) => status)).toEqual(Array(50).fill("sent"));
    expect([part.outstanding, part.uncommitted, by(rig.sent, null)]).toEqual([0, 50, 50]);
  });

  test("a pool is used by its weights", async () => {
    const rig = dispatchIn({ ...TWO, pools: [poolOf([1, 3], [2, 1])] });
    rig.start(1000);
    await run(20_000);
    expect(rig.sent).toHaveLength(1000);
    expect(by(rig.sent, "192.0.2.1")).toBeGreaterThan(690);
    expect(by(rig.sent, "192.0.2.1")).toBeLessThan(810);
  });

  test("what is over the allowance of a source in warm-up leaves from another", async () => {
    let left = 10;
    const gate: WarmUpGate = {
      wait: (now) => (left > 0 ? null : now + HOUR),
      take: () => void left--,
      exhaustedUntil: (now) => (left > 0 ? null : now + HOUR),
      forget: () => {},
      note: () => {},
      takeCounts: () => null,
      giveBack: async () => {},
    };
    const rig = dispatchIn({ ...TWO, warmUpOf: ({ id }) => (id === 1 ? gate : null) });
    const part = rig.start(200);
    await runPumped(rig, 5000);
    expect([by(rig.sent, "192.0.2.1"), by(rig.sent, "192.0.2.2"), part.outstanding]).toEqual([10, 190, 0]);
  });

  test("a source that is suspended half-way leaves what it has to the others", async () => {
    const rig = dispatchIn(TWO);
    const part = rig.start(400);
    await run(500);
    rig.decide({ restrictions: [restrictionOf({ until: rig.clock.steady() + HOUR })] });
    rig.dispatch.pump();
    const before = by(rig.sent, "192.0.2.1");
    await runPumped(rig, 10_000);
    expect(rig.sent).toHaveLength(400);
    // What is on the wire or being made at that moment still leaves.
    expect(by(rig.sent, "192.0.2.1") - before).toBeLessThan(20);
    expect(part.outstanding).toBe(0);
  });

  test("with all suspended messages are put off, for no longer than until somebody should look again", async () => {
    const rig = dispatchIn(TWO);
    const scope = { kind: "provider", source: null, provider: "example" } as const;
    rig.decide({ restrictions: [restrictionOf({ scope })] });
    const part = rig.start(20);
    await run(100);
    expect([part.outstanding, part.exhausted, rig.records.length]).toEqual([0, true, 0]);
    expect(part.notBefore - Date.now()).toBeLessThanOrEqual(PUT_OFF_MAX);
    expect(part.notBefore - Date.now()).toBeGreaterThan(PUT_OFF_MAX - SECOND);
    expect(rig.dispatch.avoidedDomains(part.delivery)).toEqual(["one.example"]);
    // Not all that ends is told.
    await run(PUT_OFF_MAX);
    expect(rig.dispatch.avoidedDomains(part.delivery)).toEqual([]);
  });

  test("a source that is avoided there has no message, and one that is taken away sends nothing more", async () => {
    const avoided = dispatchIn(TWO);
    avoided.decide({
      restrictions: [restrictionOf({ effect: { kind: "avoid" }, until: avoided.clock.steady() + HOUR })],
    });
    avoided.start(50);
    await run(5000);
    expect([by(avoided.sent, "192.0.2.1"), avoided.sent.length]).toEqual([0, 50]);
    const taken = dispatchIn(TWO);
    const part = taken.start(400);
    await run(60);
    taken.useSources([sourceOf(1, { enabled: false }), sourceOf(2)], TWO.pools);
    const before = by(taken.sent, "192.0.2.1");
    await runPumped(taken, 10_000);
    // What is on the wire.
    expect(by(taken.sent, "192.0.2.1") - before).toBeLessThanOrEqual(4);
    expect([part.outstanding, part.notBefore > 0]).toEqual([0, true]);
  });

  test("several senders of one address have no more connections together than its limit", async () => {
    const rule = { ...RULE, connections: { min: 1, max: 2 } };
    let open = 0;
    for (const index of [0, 1, 2]) {
      const rig = dispatchIn({ index, of: 3, files: filesWith({ rules: [rule] }) });
      const part = rig.start(50);
      await run(50);
      for (const { lane } of rig.dispatch.lanes()) open += lane.state().connections;
      expect(part.outstanding === 0 || [...rig.dispatch.lanes()].length > 0).toBe(true);
    }
    expect(open).toBe(2);
  });
});

describe("restrictions of deliveries and domains", () => {
  const limit = { kind: "limit", messagesPerHour: 3600, connections: null, messagesPerConnection: null } as const;
  const scope = { kind: "delivery", deliveryId: 1, provider: "example" } as const;

  test("a limit on a delivery lets through what it allows, and others pass by", async () => {
    const rig = dispatchIn();
    rig.decide({ restrictions: [restrictionOf({ scope, effect: limit })] });
    let [one, other] = [rig.start(100), rig.start(100, { ...sendable(), id: 2 })];
    await run(5000);
    expect([rig.records.filter(({ partId }) => partId === 2).length, other.outstanding]).toEqual([100, 0]);
    expect(rig.dispatch.avoidedDomains(one.delivery)).toEqual(["one.example"]);
    expect(rig.dispatch.avoidedDomains(other.delivery)).toEqual([]);
    for (let minute = 0; minute < 3; minute++) {
      for (let look = 0; look < 12; look++) {
        one = rig.start(100);
        await run(5000);
      }
    }
    const sent = rig.records.filter(({ partId }) => partId === 1).length;
    // One each second, and what is let in ahead.
    expect(sent).toBeGreaterThan(180);
    expect(sent).toBeLessThanOrEqual(185 + 16);
    expect(one.outstanding).toBe(0);
  });

  test("a delivery that is suspended at a provider keeps no other from it", async () => {
    const rig = dispatchIn();
    rig.decide({ restrictions: [restrictionOf({ scope })] });
    const parts = [rig.start(10), rig.start(10, { id: 2 })];
    await run(1000);
    expect(rig.records.map(({ partId }) => partId)).toEqual(Array(10).fill(2));
    expect(parts.map((part) => rig.dispatch.avoidedDomains(part.delivery).length)).toEqual([1, 0]);
  });
});

describe("ends of messages", () => {
  const ended = (part: HeldPart) => [part.outstanding, part.uncommitted];

  test("30: past the validity nothing leaves, and what is open has failed, whether it waits or comes", async () => {
    const rig = dispatchIn({
      reply: () => ACCEPTED,
      files: filesWith({ rules: [{ ...RULE, messagesPerHour: { min: 60, max: 60 } }] }),
    });
    const part = rig.start(20, { validUntil: Date.now() + 10 * SECOND });
    await runPumped(rig, 13_000);
    expect(rig.sent).toEqual([]);
    expect(new Set(rig.records.map(({ kind }) => kind))).toEqual(new Set(["expired"]));
    expect(part.outstanding).toBe(0);
    const late = rig.start(5, { id: 2, validUntil: Date.now() });
    await run(10);
    expect(ended(late)).toEqual([0, 5]);
  });

  test("a delivery that pauses gets back what waits, and what is on the wire is settled", async () => {
    let isActive = true;
    const rig = dispatchIn({ isActive: () => isActive });
    const part = rig.start(300);
    await run(200);
    isActive = false;
    rig.dispatch.recall(part);
    await runPumped(rig, 2000);
    expect(part.outstanding).toBe(0);
    expect(rig.records.length).toBe(part.uncommitted);
    expect(rig.records.length).toBeLessThan(300);
  });

  test("closing in the middle loses nothing", async () => {
    let isActive = true;
    const rig = dispatchIn({ ...TWO, isActive: () => isActive });
    const part = rig.start(300);
    await run(150);
    isActive = false;
    const closed = rig.dispatch.close();
    await run(1000);
    await closed;
    expect(part.outstanding).toBe(0);
    expect(new Set(rig.records.map(({ seq }) => seq)).size).toBe(rig.records.length);
  });

  test("verifying makes every message and sends none, and stops when the delivery does", async () => {
    let isActive = true;
    const rig = dispatchIn({ isActive: () => isActive, openSession: () => expect.unreachable("nothing is sent") });
    const part = rig.start(100, { mode: "verify" });
    await run(10);
    expect(rig.records.map(({ kind, status }) => `${kind} ${status}`)).toEqual(Array(100).fill("verified sent"));
    isActive = false;
    const paused = rig.start(100, { id: 2, mode: "verify" });
    await run(10);
    expect([part.outstanding, paused.outstanding, rig.records.length]).toEqual([0, 0, 100]);
  });

  test("trying out goes as far as the recipient, and says so", async () => {
    const rig = dispatchIn({ reply: () => ({ ...ACCEPTED, stage: "rcpt" }) });
    rig.start(3, { mode: "test-smtp" });
    await run(100);
    expect(rig.records.map(({ kind, stage }) => `${kind} ${stage}`)).toEqual(Array(3).fill("tested rcpt"));
  });

  test("what a relay has is left alone until its time is over, also when its part was taken over", async () => {
    const rig = dispatchIn();
    const relayed = { relayed: true, status: "taken-into-account", attempts: 1 } as const;
    const part = rig.start(2, {}, relayed, { takenOver: true });
    await run(100);
    expect([part.outstanding, rig.records.length]).toEqual([0, 0]);
    rig.start(2, { validUntil: Date.now() - 1 }, relayed, { takenOver: true });
    await run(100);
    expect(rig.records.map(({ kind, status }) => `${kind} ${status}`)).toEqual(Array(2).fill("unreported sent"));
  });

  test("of a part that was taken over everything may have left, unless nothing of it ever does", async () => {
    const rig = dispatchIn();
    rig.start(3, { inDoubtPolicy: "hold" }, {}, { takenOver: true });
    rig.start(3, { id: 2, mode: "verify" }, {}, { takenOver: true });
    await run(100);
    expect(rig.records.map(({ status }) => status).sort()).toEqual([
      ...Array(3).fill("in-doubt"),
      ...Array(3).fill("sent"),
    ]);
  });

  test("a domain that cannot be looked up costs an attempt, and its other messages stay away", async () => {
    const routing = directRouting();
    const rig = dispatchIn({
      routing: { ...routing, resolver: { ...routing.resolver, resolveMx: () => Promise.reject(new Error("a bug")) } },
    });
    const part = rig.start(2);
    await run(100);
    expect(rig.records.map(({ status, reply }) => `${status} ${reply}`)).toEqual(
      Array(2).fill("taken-into-account unexpected: a bug"),
    );
    expect(rig.dispatch.avoidedDomains(part.delivery)).toEqual(["one.example"]);
  });
});

describe("what sites say", () => {
  test("a refusal at the greeting is heard once, and the next attempt goes by another source", async () => {
    const reaction = reactionTo("listed", { scope: "provider", action: { kind: "other-source" }, duration: HOUR });
    const rig = dispatchIn({
      ...TWO,
      files: filesWith({ reactions: [reaction] }),
      reply: (source) => (source === "192.0.2.1" ? refused(554, "your address is listed") : ACCEPTED),
    });
    const part = rig.start(40);
    await runPumped(rig, 3000);
    const { events } = rig.shaper.log.takeAll();
    expect(events.filter(({ kind }) => kind === "restricted")).toHaveLength(1);
    expect([part.outstanding, rig.records.length]).toEqual([0, 40]);
    rig.start(40);
    await runPumped(rig, 3000);
    expect(by(rig.sent, "192.0.2.1")).toBe(0);
    expect(rig.sent.length).toBeGreaterThan(40);
  });

  test("relays that take everything are used by weight, and one that rests is left out", async () => {
    const relay = { user: null, password: null, implicitTls: false, weight: 1 };
    const routing = {
      ...directRouting(),
      transport: "relay" as const,
      relays: [
        { ...relay, host: "relay1.example.org", port: 25 },
        { ...relay, host: "relay2.example.org", port: 25 },
      ],
    };
    const rig = dispatchIn({ routing });
    rig.start(100);
    await run(5000);
    const first = rig.sent.filter(({ host }) => host === "relay1.example.org").length;
    expect(first).toBeGreaterThan(30);
    expect(first).toBeLessThan(70);
    const scope = { kind: "lane", source: "default", site: "relay relay1.example.org:25" } as const;
    rig.decide({ restrictions: [restrictionOf({ scope, until: rig.clock.steady() + HOUR })] });
    await run(500);
    rig.start(50, { id: 2 });
    await run(5000);
    expect(rig.sent.slice(100).map(({ host }) => host)).toEqual(Array(50).fill("relay2.example.org"));
  });

  test("addresses that a domain has now are used by lanes that were there before", async () => {
    let host = "198.51.100.1";
    const routing = directRouting();
    const addresses = async () => ({ kind: "found" as const, addresses: [host] });
    const opened: (string | null)[] = [];
    const rig = dispatchIn({
      routing: { ...routing, resolver: { ...routing.resolver, resolveAddresses: addresses } },
      files: filesWith({ rules: [{ ...RULE, connections: { min: 1, max: 1 }, messagesPerConnection: 1 }] }),
      openSession: ({ target }, callbacks) => {
        opened.push(target.address);
        setTimeout(() => callbacks.onEnd({ kind: "ended" }), 10 * SECOND);
        return { wake: () => {}, quit: () => {} };
      },
    });
    rig.start(10);
    await run(5000);
    host = "198.51.100.2";
    await run(2 * MINUTE);
    rig.start(1);
    await run(20 * SECOND);
    expect(opened.at(0)).toBe("198.51.100.1");
    expect(opened.at(-1)).toBe("198.51.100.2");
  });
});

describe("the speed of a delivery", () => {
  test("holds over all its lanes, and others pass", async () => {
    const rig = dispatchIn({ speed: createSpeedGate((id) => (id === 1 ? 3600 : null)) });
    rig.start(60);
    rig.start(60, { id: 2 });
    await runPumped(rig, 10_000);
    const [slow, quick] = [1, 2].map((id) => rig.records.filter(({ partId }) => partId === id).length);
    expect(quick).toBe(60);
    expect(slow).toBeGreaterThan(7);
    expect(slow).toBeLessThanOrEqual(11);
    await runPumped(rig, DAY / 24 / 30);
    expect(rig.records).toHaveLength(120);
  });
});
