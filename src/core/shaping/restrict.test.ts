import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { HOUR } from "../time.ts";
import { effectiveOf, indexRestrictions } from "./effective.ts";
import type { NamedObject } from "./named-object.ts";
import { type Place, scopeKey, scopeOf } from "./place.ts";
import type { Triggered } from "./reactions.ts";
import { eventOf, restrictionOf, stepOf, wishOf } from "./restrict.ts";
import type { Effect, Restriction, Scope } from "./restriction.ts";
import type { Reaction, ReactionAction, ScopeKind } from "./rule.ts";

const NOW = Date.UTC(2026, 2, 1);
const PLACE: Place = {
  source: "out-1",
  sourceAddress: "192.0.2.7",
  site: "mx.example.com",
  provider: "example",
  domain: "example.org",
  deliveryId: 12,
  dkimDomains: ["news.example.com", "example.net"],
  urlDomains: ["click.example.com", "example.net"],
};
const PROVIDER: Scope = { kind: "provider", source: "out-1", provider: "example" };
const LANE: Scope = { kind: "lane", source: "out-1", site: "mx.example.com" };
const DELIVERY: Scope = { kind: "delivery", deliveryId: 12, provider: "example" };
const V6 = { sourceAddress: "2001:db8::7" };

describe("scope", () => {
  const block = (text: string): Scope => ({ kind: "netblock", block: text, provider: "example" });
  const dkim = (domain: string): Scope => ({ kind: "dkim-domain", domain, provider: "example" });
  const url = (domain: string): Scope => ({ kind: "url-domain", domain, provider: "example" });
  const netblock = (text: string | null): NamedObject => ({ kind: "netblock", block: text });
  it.each<[string, ScopeKind, Partial<Place>, NamedObject | null, Scope]>([
    ["a lane", "lane", {}, null, LANE],
    ["a recipient: told of its lane", "recipient", {}, null, LANE],
    ["this source at the provider", "provider", {}, null, PROVIDER],
    ["a source", "source", {}, null, { kind: "source", source: "out-1" }],
    ["a domain", "domain", {}, null, { kind: "domain", domain: "example.org" }],
    ["a domain, before RCPT", "domain", { domain: null }, null, LANE],
    ["a netblock that was not said", "netblock", {}, null, block("192.0.2.0/24")],
    ["of IPv6", "netblock", V6, null, block("2001:db8::/64")],
    ["one that was said", "netblock", {}, netblock("192.0.0.0/22"), block("192.0.0.0/22")],
    ["somebody else's", "netblock", {}, netblock("198.51.100.0/24"), block("192.0.2.0/24")],
    ["half the internet", "netblock", {}, netblock("128.0.0.0/1"), block("192.0.2.0/24")],
    ["of another family", "netblock", V6, netblock("192.0.2.0/24"), block("2001:db8::/64")],
    ["without knowing our address", "netblock", { sourceAddress: null }, netblock("192.0.2.0/24"), PROVIDER],
    ["the first DKIM domain", "dkim-domain", {}, null, dkim("news.example.com")],
    ["the one that was named", "dkim-domain", {}, { kind: "dkim-domain", domain: "example.net" }, dkim("example.net")],
    ["by its parent", "dkim-domain", {}, { kind: "dkim-domain", domain: "example.com" }, dkim("news.example.com")],
    ["not ours", "dkim-domain", {}, { kind: "dkim-domain", domain: "bank.example" }, dkim("news.example.com")],
    ["unsigned", "dkim-domain", { dkimDomains: [] }, { kind: "dkim-domain", domain: "bank.example" }, PROVIDER],
    ["a URL domain", "url-domain", {}, { kind: "url-domain", domain: "example.com" }, url("click.example.com")],
    ["not named, of many", "url-domain", {}, { kind: "url-domain", domain: null }, DELIVERY],
    ["not ours, of many", "url-domain", {}, { kind: "url-domain", domain: "xample.com" }, DELIVERY],
    ["not named, the only one", "url-domain", { urlDomains: ["example.com"] }, null, url("example.com")],
    ["a delivery", "delivery", {}, null, DELIVERY],
    ["a delivery, before one was begun", "delivery", { deliveryId: null }, null, PROVIDER],
    ["at one of the small sites", "provider", { provider: "other" }, null, LANE],
    ["at one of the small sites", "netblock", { provider: "other" }, null, LANE],
    ["at one of the small sites", "delivery", { provider: "other" }, null, LANE],
  ])("%s: %s %j %j", (_, kind, change, named, expected) => {
    expect(scopeOf(kind, { ...PLACE, ...change }, named)).toEqual(expected);
  });
});

function triggered(action: ReactionAction, change: Partial<Reaction> = {}, scope: Scope = LANE): Triggered {
  const nothing = { provider: null, stage: null, code: null, enhanced: null, text: null, threshold: null };
  const reaction: Reaction = { ...nothing, name: "r", scope: "lane", action, duration: HOUR, alert: false, ...change };
  return { reaction, scope, named: null, count: 1, evidence: "421 x" };
}

describe("what is done", () => {
  const limit = (change: object): Effect => ({
    kind: "limit",
    messagesPerHour: null,
    connections: null,
    messagesPerConnection: null,
    ...change,
  });
  it.each<[ReactionAction, Effect | null]>([
    [{ kind: "suspend" }, { kind: "suspend" }],
    [{ kind: "other-source" }, { kind: "avoid" }],
    [{ kind: "limit", messagesPerHour: 60, connections: 1 }, limit({ messagesPerHour: 60, connections: 1 })],
    [{ kind: "messages-per-connection", to: 5 }, limit({ messagesPerConnection: 5 })],
    [{ kind: "slow" }, null],
    [{ kind: "fewer-connections", by: 1 }, null],
    [{ kind: "same-source" }, null],
    [{ kind: "retry" }, null],
    [{ kind: "fail" }, null],
    [{ kind: "alert" }, null],
  ])("%j: %j", (action, effect) => {
    const restriction = restrictionOf(triggered(action), PLACE, NOW, "id");
    if (effect === null) expect(restriction).toBeNull();
    else {
      const cause = { kind: "reaction", rule: "r" };
      expect(restriction).toEqual({
        id: "id",
        scope: LANE,
        effect,
        cause,
        evidence: "421 x",
        since: NOW,
        until: NOW + HOUR,
      });
    }
    expect(stepOf(action)).toEqual(action.kind === "slow" || action.kind === "fewer-connections" ? action : null);
    const isWish = action.kind === "same-source" || action.kind === "retry" || action.kind === "fail";
    expect(wishOf(triggered(action))).toEqual(isWish ? { kind: action.kind, after: HOUR } : null);
  });

  it("to go elsewhere is about the source, also when the reply was about something else", () => {
    const one = triggered(
      { kind: "other-source" },
      {},
      { kind: "dkim-domain", domain: "example.net", provider: "example" },
    );
    expect(restrictionOf(one, PLACE, NOW, "id")?.scope).toEqual(PROVIDER);
  });

  it("never for ever", () => {
    expect(restrictionOf(triggered({ kind: "suspend" }, { duration: 0 }), PLACE, NOW, "id")?.until).toBe(NOW + HOUR);
  });
});

describe("events", () => {
  const cause = { kind: "reaction", rule: "r" } as const;
  const place = { provider: "example", deliveryId: 12, messageKey: "3-7" };
  it("of a restriction have its id and its end", () => {
    const restriction = restrictionOf(triggered({ kind: "suspend" }), PLACE, NOW, "id");
    if (restriction === null) throw new Error("suspend restricts");
    const event = eventOf(cause, restriction, place, NOW, "ignored", { restriction });
    expect(event).toMatchObject({
      id: "id",
      kind: "restricted",
      until: NOW + HOUR,
      effect: { kind: "suspend" },
      ...place,
    });
  });

  it("of a step say what the lane may now; alerts nothing but the evidence", () => {
    const told = { scope: LANE, evidence: "421 x" };
    const controller = { connections: 4, messagesPerHour: null };
    expect(eventOf(cause, told, place, NOW, "id", { controller })).toMatchObject({
      kind: "adjusted",
      effect: { kind: "limit", connections: 4, messagesPerHour: null, messagesPerConnection: null },
      until: null,
    });
    expect(eventOf(cause, told, place, NOW, "id", "alert")).toMatchObject({
      kind: "alert",
      effect: null,
      evidence: "421 x",
    });
  });
});

function restriction(
  scope: Scope,
  effect: Effect = { kind: "suspend" },
  until: number | null = NOW + HOUR,
): Restriction {
  const cause = { kind: "reaction", rule: "r" } as const;
  return { id: scopeKey(scope), scope, effect, cause, evidence: "", since: NOW, until };
}

const LANE_PLACE: Place = { ...PLACE, domain: null, deliveryId: null, dkimDomains: [], urlDomains: [] };

describe("what binds", () => {
  it.each<[Scope, boolean, boolean]>([
    // What it is about; binds the lane; binds the message.
    [LANE, true, true],
    [{ ...LANE, site: "mx.example.net" }, false, false],
    [{ ...LANE, source: "out-2" }, false, false],
    [PROVIDER, true, true],
    [{ ...PROVIDER, source: null }, true, true],
    [{ ...PROVIDER, source: "out-2" }, false, false],
    [{ ...PROVIDER, provider: "another" }, false, false],
    [{ kind: "source", source: "out-1" }, true, true],
    [{ kind: "netblock", block: "192.0.2.0/24", provider: "example" }, true, true],
    [{ kind: "netblock", block: "192.0.3.0/24", provider: "example" }, false, false],
    [{ kind: "netblock", block: "192.0.2.0/24", provider: "another" }, false, false],
    [{ kind: "netblock", block: "nonsense", provider: "example" }, false, false],
    [DELIVERY, false, true],
    [{ ...DELIVERY, deliveryId: 13 }, false, false],
    [{ kind: "dkim-domain", domain: "example.net", provider: "example" }, false, true],
    [{ kind: "dkim-domain", domain: "click.example.com", provider: "example" }, false, false],
    [{ kind: "url-domain", domain: "click.example.com", provider: "example" }, false, true],
    [{ kind: "url-domain", domain: "click.example.com", provider: "another" }, false, false],
    [{ kind: "domain", domain: "example.org" }, false, true],
    [{ kind: "domain", domain: "example.com" }, false, false],
  ])("%j: lane %s, message %s", (scope, lane, message) => {
    const index = indexRestrictions([restriction(scope)]);
    expect(effectiveOf(index, LANE_PLACE, NOW).ids.length > 0).toBe(lane);
    expect(effectiveOf(index, PLACE, NOW).ids.length > 0).toBe(message);
    expect(effectiveOf(index, PLACE, NOW + HOUR).ids).toEqual([]);
  });

  it("the longest suspension and the lowest of each limit", () => {
    const limit = { kind: "limit", messagesPerHour: 60, connections: 5, messagesPerConnection: null } as const;
    const index = indexRestrictions([
      restriction(PROVIDER, { ...limit, messagesPerHour: 10 }),
      restriction(LANE, { kind: "suspend" }, NOW + 2 * HOUR),
      restriction({ ...PROVIDER, source: null }),
      restriction({ kind: "source", source: "out-1" }, { ...limit, connections: 2, messagesPerConnection: 7 }),
      restriction({ kind: "netblock", block: "192.0.2.0/24", provider: "example" }, { kind: "avoid" }),
    ]);
    expect(effectiveOf(index, LANE_PLACE, NOW)).toMatchObject({
      suspendedUntil: NOW + 2 * HOUR,
      why: { scope: LANE },
      avoid: true,
      avoidUntil: NOW + HOUR,
      messagesPerHour: 10,
      connections: 2,
      messagesPerConnection: 7,
    });
  });

  it("without an end: until somebody ends it", () => {
    const index = indexRestrictions([restriction(LANE, { kind: "suspend" }, null), restriction(PROVIDER)]);
    expect(effectiveOf(index, LANE_PLACE, NOW)).toMatchObject({ suspendedUntil: Infinity, why: { until: null } });
  });

  it("what began later than now, by a clock that went back, lasts as long as it was meant to", () => {
    const back = NOW - 24 * HOUR;
    expect(effectiveOf(indexRestrictions([restriction(LANE)], back), LANE_PLACE, back).suspendedUntil).toBe(
      back + HOUR,
    );
  });

  it("the index finds exactly what looking at each finds", () => {
    const names = fc.constantFrom("a", "b", "");
    const source = fc.constantFrom("out-1", "out-2");
    const scopes: fc.Arbitrary<Scope> = fc.oneof(
      fc.record({ kind: fc.constant("lane" as const), source, site: names }),
      fc.record({ kind: fc.constant("provider" as const), source: fc.option(source), provider: names }),
      fc.record({ kind: fc.constant("source" as const), source }),
      fc.record({
        kind: fc.constantFrom("dkim-domain" as const, "url-domain" as const),
        domain: names,
        provider: names,
      }),
      fc.record({ kind: fc.constant("delivery" as const), deliveryId: fc.nat(3), provider: names }),
      fc.record({ kind: fc.constant("domain" as const), domain: names }),
    );
    const places = fc.record({
      source,
      sourceAddress: fc.constant(null),
      site: names,
      provider: names,
      domain: fc.option(names),
      deliveryId: fc.option(fc.nat(3)),
      dkimDomains: fc.uniqueArray(names),
      urlDomains: fc.uniqueArray(names),
    });
    const binds = (scope: Scope, place: Place): boolean => {
      const is = (value: string | number | null, other: string | number | null) => value === other;
      if ("provider" in scope && !is(scope.provider, place.provider)) return false;
      if ("source" in scope && scope.source !== null && !is(scope.source, place.source)) return false;
      if (scope.kind === "lane") return is(scope.site, place.site);
      if (scope.kind === "dkim-domain") return place.dkimDomains.includes(scope.domain);
      if (scope.kind === "url-domain") return place.urlDomains.includes(scope.domain);
      if (scope.kind === "delivery") return is(scope.deliveryId, place.deliveryId);
      return scope.kind !== "domain" || is(scope.domain, place.domain);
    };
    fc.assert(
      fc.property(fc.uniqueArray(scopes, { selector: scopeKey, maxLength: 40 }), places, (list, place) => {
        const found = effectiveOf(indexRestrictions(list.map((scope) => restriction(scope))), place, NOW).ids;
        expect([...found].toSorted()).toEqual(
          list
            .filter((scope) => binds(scope, place))
            .map(scopeKey)
            .toSorted(),
        );
      }),
    );
  });
});
