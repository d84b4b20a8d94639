/** What a sender does about limits: replies, ratios, outages, operators. Decisions themselves are core/shaping's and tried there. */
import { beforeEach, describe, expect, test } from "vitest";

import {
  ACCEPTED,
  EXAMPLE,
  FACTS,
  filesWith,
  NOTHING,
  reactionTo,
  refused,
  restrictionOf,
  RULE,
  sendable,
} from "../../test/dispatch-rig.ts";
import type { Verdict } from "../core/bounce/verdict.ts";
import type { MxRule, ShapingFiles } from "../core/shaping/rule.ts";
import { HOUR, type Instant, MINUTE, SECOND } from "../core/time.ts";
import { holdPart } from "./held-part.ts";
import { createShaper, type ShaperOptions } from "./shaper.ts";
import type { SendingSource } from "./source-book.ts";
import type { Task } from "./task.ts";

const SYSTEM: SendingSource = { key: "default", id: null, v4: null, v6: null, helo: null, warmUp: "off" };
const ONE: SendingSource = { key: "s1", id: 1, v4: "192.0.2.1", v6: null, helo: "s1.example.org", warmUp: "off" };
const TWO: SendingSource = { ...ONE, key: "s2", id: 2, v4: "192.0.2.2" };
const GOING = { site: "mx.example.org", mxHosts: ["mx.example.org"] };
const ELSEWHERE = { site: "mx.elsewhere.example", mxHosts: ["mx.elsewhere.example"] };
const RETRY: Verdict = { type: "soft", reason: "refused", action: "retry", scope: "message", rule: "test" };
const UNKNOWN: Verdict = { type: "hard", reason: "user-unknown", action: "fail", scope: "address", rule: "test" };

let now: Instant;
beforeEach(() => {
  now = 1_000_000 * SECOND;
});

function shaperOf(files: Partial<ShapingFiles> = {}, options: Partial<ShaperOptions> = {}) {
  let ids = 0;
  const outages: Instant[] = [];
  const shaper = createShaper({
    index: 0,
    of: 1,
    files: filesWith(files),
    // The wall clock is an hour ahead: what is told are dates.
    clock: { now: () => now + HOUR, steady: () => now },
    newId: () => `id-${++ids}`,
    warmUpOf: () => null,
    saved: () => undefined,
    onOutage: (_, since) => void outages.push(since),
    ...options,
  });
  const site = (source = ONE, going = GOING) => {
    const found = shaper.siteOf(source, going);
    if (!found) throw new Error("no share");
    return found;
  };
  const hear = (text: string, verdict: Verdict = RETRY, source = ONE, going = GOING, code = 450) =>
    shaper.heard(site(source, going), taskOf(), refused(code, text), FACTS, verdict);
  return { shaper, site, hear, outages };
}

function taskOf(changes: Partial<Task> = {}): Task {
  const part = holdPart({ partId: 1, deliveryId: 1, domain: null, epoch: 1, takenOver: false }, sendable());
  return {
    part,
    seq: 0,
    address: "a@one.example",
    domain: "one.example",
    matchKey: "a@one.example",
    ...changes,
  } as Task;
}

describe("reactions to replies", () => {
  test("a suspension of a source at a provider holds there, is told with dates, and ends", () => {
    const suspends = reactionTo("blocked", {
      scope: "provider",
      action: { kind: "suspend" },
      duration: HOUR,
      alert: true,
    });
    const { shaper, site, hear } = shaperOf({ reactions: [suspends] });
    const [here, other] = [site(), site(TWO)];
    expect(hear("you are blocked")).toEqual({ verdict: RETRY, wait: null });
    now += SECOND;
    expect([here.suspendedUntil(now), other.suspendedUntil(now)]).toEqual([now - SECOND + HOUR, 0]);
    const { events } = shaper.log.takeAll();
    expect(events.map(({ kind }) => kind)).toEqual(["restricted", "alert"]);
    expect(events[0]).toMatchObject({
      at: now - SECOND + HOUR,
      until: now - SECOND + 2 * HOUR,
      messageKey: "1-0",
      deliveryId: 1,
    });
    expect(new Set(events.map(({ id }) => id)).size).toBe(2);
    now += HOUR;
    expect(here.suspendedUntil(now)).toBeLessThanOrEqual(now);
    // It begins with the least.
    expect(here.connections(now)).toBe(1);
  });

  test("another source is to go there, and only there", () => {
    const { shaper, hear } = shaperOf({
      reactions: [reactionTo("listed", { action: { kind: "other-source" }, duration: HOUR })],
    });
    hear("listed somewhere");
    expect(shaper.avoidedUntil(ONE, GOING)).toBe(now + HOUR);
    expect([shaper.avoidedUntil(TWO, GOING), shaper.avoidedUntil(ONE, ELSEWHERE)]).toEqual([null, null]);
  });

  test("a step goes to all lanes that the reaction is about", () => {
    const slow = reactionTo("too fast", { scope: "provider", action: { kind: "slow" } });
    const { site, hear, shaper } = shaperOf({ reactions: [slow], providers: [{ ...EXAMPLE, mx: ["*.example.org"] }] });
    const [one, other] = [site(), site(ONE, { site: "mx2.example.org", mxHosts: ["mx2.example.org"] })];
    const far = site(ONE, ELSEWHERE);
    for (const each of [one, other, far]) {
      for (let i = 0; i < 4; i++) each.connect(now, { wake: () => {}, open: () => i });
    }
    hear("too fast for us");
    expect([one, other, far].map((each) => each.connections(now))).toEqual([2, 2, 4]);
    expect(shaper.log.takeAll().events.map(({ kind }) => kind)).toEqual(["adjusted", "adjusted"]);
  });

  test("what a reaction wishes for the message is its verdict", () => {
    const { hear } = shaperOf({
      reactions: [
        reactionTo("later", { action: { kind: "retry" }, duration: 10 * MINUTE }),
        reactionTo("never", { action: { kind: "fail" } }),
      ],
    });
    expect(hear("come back later", UNKNOWN, ONE, GOING, 550)).toEqual({
      verdict: { ...UNKNOWN, type: "soft", action: "retry", rule: "on-later" },
      wait: 10 * MINUTE,
    });
    expect(hear("never again")).toEqual({ verdict: { ...RETRY, action: "fail", rule: "on-never" }, wait: null });
  });

  test("an acceptance is no answer to judge", () => {
    const { shaper, site } = shaperOf();
    expect(shaper.heard(site(), taskOf(), ACCEPTED, FACTS, null)).toEqual({ verdict: null, wait: null });
  });
});

describe("a limit on what a message is part of", () => {
  const limit = { kind: "limit", messagesPerHour: 3600, connections: null, messagesPerConnection: null } as const;
  const scope = { kind: "dkim-domain", domain: "sender.example", provider: "example" } as const;
  const delivery = { ...sendable(), dkimDomains: ["sender.example"] };
  const task = { ...taskOf(), part: { ...taskOf().part, delivery } };

  test("asking takes nothing, passing does, and the rate is kept over time", () => {
    const { shaper, site } = shaperOf();
    shaper.decide({ ...NOTHING, restrictions: [restrictionOf({ scope, effect: limit })] });
    let passed = 0;
    for (let second = 0; second < 600; second++) {
      for (let i = 0; i < 10; i++) {
        shaper.heldUntil(task, site());
        if (shaper.heldUntil(task, site()) !== null) break;
        shaper.passed(task, site());
        passed++;
      }
      now += SECOND;
    }
    expect(passed).toBeGreaterThanOrEqual(600);
    expect(passed).toBeLessThanOrEqual(600 + 16);
    expect(shaper.heldUntil(taskOf(), site())).toBeNull();
  });

  test("is divided among senders", () => {
    const { shaper, site } = shaperOf({}, { of: 4 });
    shaper.decide({ ...NOTHING, restrictions: [restrictionOf({ scope, effect: limit })] });
    let passed = 0;
    for (let second = 0; second < 400; second++) {
      while (shaper.heldUntil(task, site()) === null) {
        shaper.passed(task, site());
        passed++;
      }
      now += SECOND;
    }
    expect(passed).toBeGreaterThanOrEqual(100);
    expect(passed).toBeLessThanOrEqual(100 + 5);
  });
});

describe("rules and their limits", () => {
  const rule = (changes: Partial<MxRule>): MxRule => ({ ...RULE, connections: { min: 1, max: 10 }, ...changes });

  test("an operator's rule acts on lanes that are there", () => {
    const { shaper, site } = shaperOf();
    const here = site();
    expect(here.connections(now)).toBe(4);
    expect(shaper.decide({ ...NOTHING, operatorRules: [rule({ name: "mine", origin: "operator" })] })).toBe(true);
    expect([here.connections(now), here.rule().name]).toEqual([10, "mine"]);
    expect(shaper.decide({ ...NOTHING, operatorRules: [rule({ name: "mine", origin: "operator" })] })).toBe(false);
    shaper.decide(NOTHING);
    expect(here.connections(now)).toBe(4);
  });

  test.each([
    ["each source at each site by itself", {}, [null, null, null]],
    ["all sites of a source together", { countedPer: "rule" }, ["refused", null, "refused"]],
    ["all sources at a site together", { isShared: true }, [null, "refused", "refused"]],
    ["everything together", { countedPer: "rule", isShared: true }, ["refused", "refused", "refused"]],
  ] as const)("counts %s", (_, changes, expected) => {
    const { site } = shaperOf({ rules: [rule({ ...changes, connections: { min: 1, max: 1 } })] });
    const waiter = { wake: () => {}, open: () => 0 };
    site().connect(now, waiter);
    const tried = [site(ONE, ELSEWHERE), site(TWO)].map((other) => other.connect(now, waiter).kind);
    const last = site(ONE, ELSEWHERE).connections(now) + tried.filter((kind) => kind === "refused").length;
    expect(tried.map((kind) => (kind === "refused" ? kind : null))).toEqual(expected.slice(0, 2));
    expect(last).toBeGreaterThan(0);
  });

  test("shares of senders add up to the limit, also where sites are counted together", () => {
    for (const countedPer of ["site", "rule"] as const) {
      const limits = rule({ countedPer, connections: { min: 1, max: 7 }, messagesPerHour: { min: 1, max: 100 } });
      let [connections, perHour] = [0, 0];
      for (let index = 0; index < 3; index++) {
        const { shaper } = shaperOf({ rules: [limits] }, { index, of: 3 });
        // The most that this sender may at any of its sites.
        const sites = Array.from({ length: 20 }, (_, i) =>
          shaper.siteOf(SYSTEM, { site: `mx${i}.example.org`, mxHosts: [`mx${i}.example.org`] }),
        );
        const chosen = countedPer === "rule" ? sites : sites.slice(0, 1);
        connections += Math.max(...chosen.map((site) => site?.connections(now) ?? 0));
        perHour += Math.max(...chosen.map((site) => site?.messagesPerHour(now) ?? 0));
      }
      expect([countedPer, connections, perHour]).toEqual([countedPer, 7, 100]);
    }
  });

  test("a sender whose share is nothing leaves the site to the others, and has it when the rule allows more", () => {
    const shapers = [0, 1, 2].map(
      (index) => shaperOf({ rules: [rule({ connections: { min: 1, max: 1 } })] }, { index, of: 3 }).shaper,
    );
    const having = () => shapers.filter((shaper) => shaper.siteOf(SYSTEM, GOING) !== null).length;
    expect(having()).toBe(1);
    for (const shaper of shapers)
      shaper.decide({ ...NOTHING, operatorRules: [rule({ connections: { min: 1, max: 3 } })] });
    expect(having()).toBe(3);
  });
});

describe("what operators and other senders decide", () => {
  test("ends what it does not name any more, and says that something may go", () => {
    const { shaper, site } = shaperOf();
    const here = site();
    expect(shaper.decide({ ...NOTHING, restrictions: [restrictionOf({})] })).toBe(false);
    expect(here.suspendedUntil(now)).toBe(Number.POSITIVE_INFINITY);
    expect(shaper.decide(NOTHING)).toBe(true);
    expect(here.suspendedUntil(now)).toBe(0);
  });

  test("what ended by its time is no news", () => {
    const { shaper } = shaperOf();
    shaper.decide({ ...NOTHING, restrictions: [restrictionOf({ until: now + MINUTE })] });
    now += 2 * MINUTE;
    expect(shaper.decide(NOTHING)).toBe(false);
  });

  test("does not end what was decided here and is not written down yet, however long that takes", () => {
    const { shaper, site, hear } = shaperOf({ reactions: [reactionTo("blocked", { duration: HOUR })] });
    hear("blocked");
    now += 10 * MINUTE;
    expect(shaper.decide(NOTHING)).toBe(false);
    expect(site().suspendedUntil(now)).toBe(now + 50 * MINUTE);
    shaper.saved(shaper.log.takeAll());
    // Now somebody ended it.
    expect(shaper.decide(NOTHING)).toBe(true);
    expect(site().suspendedUntil(now)).toBeLessThanOrEqual(now);
  });

  test("a pin holds at its lane only, and letting a lane go ends its rest", () => {
    const { shaper, site } = shaperOf();
    const [here, there] = [site(), site(ONE, ELSEWHERE)];
    shaper.decide({
      ...NOTHING,
      pins: [{ source: "s1", site: "mx.example.org", connections: 1, messagesPerHour: 60 }],
    });
    expect([here.connections(now), here.messagesPerHour(now), there.connections(now)]).toEqual([1, 60, 4]);
    here.siteFailed({ kind: "lost", stage: "connect", trouble: "unreachable", detail: "", inDoubt: false }, FACTS, now);
    expect(here.suspendedUntil(now)).toBeGreaterThan(now);
    shaper.decide({ ...NOTHING, releases: [{ source: "s1", site: "mx.example.org" }] });
    expect(here.suspendedUntil(now)).toBeLessThanOrEqual(now);
  });
});

describe("outages and ratios", () => {
  function break_({ hear, site, shaper }: ReturnType<typeof shaperOf>) {
    for (let i = 0; i < 300; i++) {
      now += SECOND;
      shaper.heard(site(), taskOf(), ACCEPTED, FACTS, null);
    }
    const verdicts: string[] = [];
    for (let i = 0; i < 100; i++) {
      now += SECOND;
      verdicts.push(hear("unknown user", UNKNOWN, ONE, GOING, 550).verdict?.type ?? "");
    }
    return verdicts;
  }

  test("a provider that knows nobody any more is out: nobody is to blame, nothing is sent there, and it is told once", () => {
    const rig = shaperOf();
    const began = now;
    const verdicts = break_(rig);
    expect(verdicts[0]).toBe("hard");
    expect(verdicts.at(-1)).toBe("ignored");
    expect(rig.outages).toHaveLength(1);
    // A date, from the first that was refused.
    expect(rig.outages[0]).toBeGreaterThan(began + HOUR);
    expect(rig.site(TWO).suspendedUntil(now)).toBeGreaterThan(now);
    expect(rig.shaper.log.takeAll().events.filter(({ cause }) => cause.kind === "breaker")).toHaveLength(1);
  });

  test("after a restart the outage goes on", () => {
    const before = shaperOf();
    break_(before);
    const restriction = before.shaper.log.takeAll().events.find(({ cause }) => cause.kind === "breaker");
    if (!restriction?.effect) throw new Error("no outage");
    const { id, scope, effect, cause, evidence, at, until } = restriction;
    const after = shaperOf();
    const standing = { id, scope, effect, cause, evidence, since: at - HOUR, until: (until ?? 0) - HOUR };
    for (let read = 0; read < 2; read++) after.shaper.decide({ ...NOTHING, restrictions: [standing] });
    expect(after.hear("unknown user", UNKNOWN, ONE, GOING, 550).verdict?.type).toBe("ignored");
  });

  test("a ratio that is too bad restricts, once", () => {
    const sweep = {
      name: "mostly-deferred",
      provider: null,
      ratio: "deferred",
      above: 0.5,
      within: 10 * MINUTE,
      minimum: 20,
      per: "lane",
      action: { kind: "suspend" },
      duration: 30 * MINUTE,
    } as const;
    const { shaper, site, hear } = shaperOf({ sweeps: [sweep] });
    for (let i = 0; i < 30; i++) hear("try again");
    now += MINUTE;
    shaper.pump();
    shaper.pump();
    expect(site().suspendedUntil(now)).toBe(now + 30 * MINUTE);
    expect(shaper.log.takeAll().events.filter(({ cause }) => cause.kind === "sweep")).toHaveLength(1);
  });

  test("complaints count against what was accepted at the same place", () => {
    const sweep = {
      name: "complaints",
      provider: null,
      ratio: "complaints",
      above: 0.1,
      within: 10 * MINUTE,
      minimum: 20,
      per: "lane",
      action: { kind: "suspend" },
      duration: 30 * MINUTE,
    } as const;
    const { shaper, site } = shaperOf({ sweeps: [sweep] });
    for (let i = 0; i < 30; i++) shaper.heard(site(), taskOf(), ACCEPTED, FACTS, null);
    const at = { source: ONE.key, site: GOING.site, provider: site().place.provider, domain: "one.example" };
    for (let i = 0; i < 2; i++) shaper.complained(at);
    now += MINUTE;
    shaper.pump();
    expect(site().suspendedUntil(now)).toBe(0);
    shaper.complained(at);
    now += MINUTE;
    shaper.pump();
    expect(site().suspendedUntil(now)).toBe(now + 30 * MINUTE);
  });
});

describe("memory", () => {
  test("lanes with nothing to remember are forgotten, others after half a day; none while it has connections", () => {
    const { shaper, site } = shaperOf();
    const waiter = { wake: () => {}, open: () => 0 };
    const busy = site();
    busy.connect(now, waiter);
    site(TWO).siteFailed(
      { kind: "lost", stage: "connect", trouble: "unreachable", detail: "", inDoubt: false },
      FACTS,
      now,
    );
    for (let i = 0; i < 100; i++) site(ONE, { site: `mx${i}.example`, mxHosts: [`mx${i}.example`] });
    now += 11 * MINUTE;
    shaper.pump();
    expect([...shaper.sites()].map(({ place }) => place.source)).toEqual(["s1", "s2"]);
    now += 13 * HOUR;
    shaper.pump();
    expect([...shaper.sites()]).toEqual([busy]);
  });
});
