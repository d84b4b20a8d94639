import { expect, test } from "vitest";

import { classify, type ReactionFacts } from "./classify.ts";

const READER: ReactionFacts = {
  kind: "click",
  userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  bot: false,
  posted: false,
  rule: null,
  honeypot: false,
  baited: false,
  linksAtOnce: 1,
  sinceSent: 60_000,
  archive: [],
};
const RELAY = { name: "relay", class: "privacy-proxy" } as const;
const GATEWAY = { name: "gateway", class: "scanner" } as const;

test.each<[string, Partial<ReactionFacts>, string, string]>([
  ["a reader", {}, "person", ""],
  ["a reader of a message whose time is not known", { sinceSent: null }, "person", ""],
  ["two links at once", { linksAtOnce: 2 }, "person", ""],
  ["two seconds after sending", { sinceSent: 2000 }, "person", ""],
  ["a picture right after sending", { kind: "open", sinceSent: 100 }, "person", ""],
  ["a privacy relay", { kind: "open", rule: RELAY }, "privacy-proxy", "rule:relay"],
  [
    "a relay whose user agent is a program's",
    { kind: "open", rule: RELAY, bot: true },
    "privacy-proxy",
    "rule:relay user-agent",
  ],
  ["an address of a gateway", { rule: GATEWAY }, "scanner", "rule:gateway"],
  ["a program", { bot: true }, "scanner", "user-agent"],
  ["nothing said", { userAgent: "" }, "scanner", "no-user-agent"],
  ["the link that nobody sees", { honeypot: true }, "scanner", "honeypot"],
  ["beside the link that nobody sees", { baited: true }, "scanner", "honeypot-nearby"],
  ["three links at once", { linksAtOnce: 3 }, "scanner", "links-at-once"],
  ["a click right after sending", { sinceSent: 1999 }, "scanner", "too-soon"],
  ["a click before the server had answered", { sinceSent: -300 }, "scanner", "too-soon"],
  ["a mirror page right after sending", { kind: "mirror", sinceSent: 1999 }, "scanner", "too-soon"],
  ["several signals", { bot: true, linksAtOnce: 9, sinceSent: 0 }, "scanner", "user-agent links-at-once too-soon"],
  [
    "a button pressed through a mailbox provider",
    { kind: "opt-out", posted: true, bot: true },
    "person",
    "posted user-agent",
  ],
  ["a reader of a copy", { archive: ["archive-token"] }, "archive", "archive-token"],
  ["a scanner of a copy", { archive: ["archive-time"], rule: GATEWAY }, "archive", "archive-time rule:gateway"],
  [
    "a relay that shows a copy",
    { kind: "open", archive: ["archive-network"], rule: RELAY },
    "archive",
    "archive-network rule:relay",
  ],
  [
    "a button pressed in a copy",
    { kind: "opt-out", posted: true, archive: ["archive-user-agent"] },
    "archive",
    "archive-user-agent",
  ],
])("%s", (_, facts, expected, signals) => {
  const result = classify({ ...READER, ...facts });
  expect(result.class).toBe(expected);
  expect(result.signals.join(" ")).toBe(signals);
});
