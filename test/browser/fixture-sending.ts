/** The sending engine in memory: lanes, what shaping did, sources and pools, the warm-up, plans. Fixed data that acts change. */
import type {
  LaneAnswer,
  LaneFigures,
  PoolAnswer,
  ShapingEventAnswer,
  SourceAnswer,
  WarmUpCell,
} from "../../src/contract/shaping.ts";
import { ago, START } from "./fixture-data.ts";

export const ahead = (minutes: number): string => new Date(START + minutes * 60_000).toISOString();
const heading = { version: 1, createdAt: ago(9000), updatedAt: ago(90) };

const FREE: LaneFigures = {
  waiting: 0,
  connections: 0,
  allowedConnections: 10,
  messagesPerHour: null,
  acceptedLastMinute: 0,
  deferredLastMinute: 0,
  refusedLastMinute: 0,
  constraint: "none",
  why: "Nothing holds this lane back",
  suspendedUntil: null,
  lastReply: "250 2.0.0 OK 1763712345 a1-20020a05600c1d0b gsmtp",
  lastReplyAt: ago(0),
};

function lane(
  at: { id: string; provider: string; site: string; source?: string },
  figures: Partial<LaneFigures>,
): LaneAnswer {
  return {
    source: "out1",
    rule: at.provider,
    sender: "sender-0",
    figures: { ...FREE, ...figures },
    pin: null,
    updatedAt: ago(0),
    ...at,
  };
}

const GOOGLE_SITE = "alt1.aspmx.l.google.com,alt2.aspmx.l.google.com,aspmx.l.google.com";
const THROTTLED =
  "421 4.7.28 [192.0.2.10] Our system has detected an unusual rate of unsolicited mail originating from your DKIM domain [shop.example]. To protect our users, mail has been temporarily rate limited.";

function makeLanes(): LaneAnswer[] {
  return [
    lane(
      { id: "a".repeat(32), provider: "google", site: GOOGLE_SITE },
      {
        waiting: 18_204,
        connections: 8,
        allowedConnections: 10,
        messagesPerHour: 12_000,
        acceptedLastMinute: 196,
        deferredLastMinute: 4,
        constraint: "rate",
        why: "12,000 messages an hour by MX rule google; the controller went down at 09:12 after a throttling reply",
      },
    ),
    lane(
      { id: "b".repeat(32), provider: "outlook", site: "shop-example.olc.protection.outlook.com" },
      {
        waiting: 9120,
        allowedConnections: 5,
        deferredLastMinute: 31,
        constraint: "suspended",
        why: "Suspended by outlook-block-list: 550 5.7.1 part of their network is on our block list (S3150)",
        suspendedUntil: ahead(95),
        lastReply:
          "550 5.7.1 Unfortunately, messages from [192.0.2.10] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).",
      },
    ),
    {
      ...lane(
        { id: "c".repeat(32), provider: "yahoo", site: "mta5.am0.yahoodns.net,mta6.am0.yahoodns.net", source: "out2" },
        {
          waiting: 4410,
          connections: 4,
          allowedConnections: 4,
          messagesPerHour: 3000,
          acceptedLastMinute: 48,
          refusedLastMinute: 2,
          constraint: "connections",
          why: "4 connections, pinned by an operator",
        },
      ),
      pin: { connections: 4, messagesPerHour: null, actor: "admin", at: ago(30) },
    },
    lane(
      { id: "d".repeat(32), provider: "gmx", site: "mx00.emig.gmx.net,mx01.emig.gmx.net", source: "out2" },
      {
        waiting: 2300,
        connections: 1,
        allowedConnections: 2,
        messagesPerHour: 25,
        acceptedLastMinute: 0,
        constraint: "warm-up",
        why: "Day 2 of the warm-up: 500 of 500 messages left today; the next ones at 00:00 UTC",
      },
    ),
    lane(
      { id: "e".repeat(32), provider: "other", site: "mail.quiet.example" },
      {
        waiting: 12,
        constraint: "back-off",
        why: "Connection refused 3 times; the next attempt at 10:15",
        lastReply: null,
        lastReplyAt: null,
      },
    ),
    lane(
      { id: "f".repeat(32), provider: "apple", site: "mx01.mail.icloud.com,mx02.mail.icloud.com" },
      { connections: 2, acceptedLastMinute: 61 },
    ),
  ];
}

function makeShapingEvents(): ShapingEventAnswer[] {
  const event = (id: string, minutes: number, over: Partial<ShapingEventAnswer>): ShapingEventAnswer => ({
    id,
    at: ago(minutes),
    kind: "restricted",
    scope: { kind: "lane", source: "out1", site: GOOGLE_SITE },
    provider: "google",
    cause: { kind: "reaction", rule: "google-4.7.28" },
    evidence: THROTTLED,
    effect: { kind: "suspend" },
    until: null,
    endedAt: null,
    endedBy: null,
    deliveryId: null,
    messageKey: null,
    sender: "sender-0",
    ...over,
  });
  const outlook =
    "550 5.7.1 Unfortunately, messages from [192.0.2.10] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).";
  return [
    event("e6", 1, {
      kind: "adjusted",
      effect: { kind: "limit", messagesPerHour: 12_000, connections: 10, messagesPerConnection: null },
      deliveryId: "12",
      messageKey: "4-5",
    }),
    event("e5", 4, {
      scope: { kind: "dkim-domain", domain: "shop.example", provider: "google" },
      effect: { kind: "limit", messagesPerHour: 1000, connections: null, messagesPerConnection: null },
      until: ahead(56),
      deliveryId: "12",
      messageKey: "4-5",
    }),
    event("e4", 25, {
      scope: { kind: "provider", source: "out1", provider: "outlook" },
      provider: "outlook",
      cause: { kind: "reaction", rule: "outlook-block-list" },
      evidence: outlook,
      effect: { kind: "avoid" },
      until: ahead(95),
    }),
    event("e3", 25, {
      kind: "alert",
      scope: { kind: "netblock", block: "192.0.2.0/24", provider: "outlook" },
      provider: "outlook",
      cause: { kind: "reaction", rule: "outlook-block-list" },
      evidence: outlook,
      effect: null,
    }),
    event("e2", 300, {
      scope: { kind: "domain", domain: "quiet.example" },
      provider: "other",
      cause: { kind: "breaker", rule: "domain-errors" },
      evidence: "412 of 430 attempts failed within 1 h",
      until: ago(120),
      endedAt: ago(120),
      endedBy: "time",
    }),
    event("e1", 1500, {
      cause: { kind: "operator", rule: "admin" },
      evidence: "suspended by admin until 2026-11-20T10:00:00.000Z",
      until: ago(1400),
      endedAt: ago(1440),
      endedBy: "admin",
    }),
  ];
}

function makeSources(): SourceAnswer[] {
  const source = (id: string, over: Partial<SourceAnswer> = {}): SourceAnswer => ({
    id,
    name: `out${id}`,
    addressV4: `192.0.2.${9 + Number(id)}`,
    addressV6: null,
    helo: `out${id}.shop.example`,
    sender: null,
    enabled: true,
    warmUp: "automatic",
    ...heading,
    ...over,
  });
  return [
    source("1", { addressV6: "2001:db8::10", warmUp: "off", sender: 0 }),
    source("2"),
    source("3", { sender: 1 }),
    source("4", { enabled: false }),
  ];
}

function makePools(): PoolAnswer[] {
  const members = (...weights: number[]) => weights.map((weight, index) => ({ source: String(index + 1), weight }));
  return [
    { id: "1", name: "default", members: members(5, 5, 1), ...heading },
    {
      id: "2",
      name: "statements",
      members: [
        { source: "1", weight: 1 },
        { source: "4", weight: 1 },
      ],
      ...heading,
    },
  ];
}

function makeWarmUp(): WarmUpCell[] {
  const providers = ["apple", "gmx", "google", "outlook", "other", "yahoo"];
  const cell = (sourceId: string, provider: string): WarmUpCell => ({
    sourceId,
    source: `out${sourceId}`,
    provider,
    state: "warming",
    day: 1,
    allowance: 200,
    hourlyAllowance: 25,
    used: 0,
    acceptedToday: 0,
    deferredToday: 0,
    refusedToday: 0,
    complaintsToday: 0,
  });
  const begun: Record<string, Partial<WarmUpCell>> = {
    "2 google": {
      day: 9,
      allowance: 50_000,
      hourlyAllowance: 6250,
      used: 18_300,
      acceptedToday: 18_100,
      deferredToday: 160,
    },
    "2 gmx": { day: 2, allowance: 500, hourlyAllowance: 63, used: 500, acceptedToday: 494, deferredToday: 6 },
    "2 outlook": {
      day: 4,
      allowance: 2000,
      hourlyAllowance: 250,
      used: 260,
      state: "held",
      deferredToday: 71,
      complaintsToday: 1,
    },
    "2 yahoo": {
      day: 29,
      allowance: 10_000_000,
      hourlyAllowance: 1_250_000,
      used: 41_000,
      acceptedToday: 41_000,
      state: "done",
    },
    "3 google": { day: 1, used: 120, acceptedToday: 120 },
  };
  return ["2", "3", "4"].flatMap((source) =>
    providers.map((provider) => ({ ...cell(source, provider), ...begun[`${source} ${provider}`] })),
  );
}

export function makeSending(empty: boolean) {
  return {
    lanes: empty ? [] : makeLanes(),
    events: empty ? [] : makeShapingEvents(),
    sources: empty ? [] : makeSources(),
    pools: empty ? [] : makePools(),
    warmUp: empty ? [] : makeWarmUp(),
  };
}
export type SendingWorld = ReturnType<typeof makeSending>;
