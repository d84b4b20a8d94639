/** The shipped providers, rules and reactions against the facts they were written for: through the engine, not the linter. */
import { readdirSync, readFileSync } from "node:fs";
import { parse } from "smol-toml";
import { describe, expect, test } from "vitest";

import { readReply } from "../../core/bounce/read-reply.ts";
import type { AnswerStage } from "../../core/bounce/rule.ts";
import { mxRuleOf, providerOf } from "../../core/shaping/match.ts";
import { compileReactions, createReactor, matchingReactions, react } from "../../core/shaping/reactions.ts";
import { HOUR } from "../../core/time.ts";
import { loadShapingFiles } from "./index.ts";

const DIR = new URL("../../../rules/shaping/", import.meta.url);
const FILES = loadShapingFiles("/nowhere");
const COMPILED = compileReactions(FILES.reactions, FILES.providers, {});

type Example = { reply: string; stage: AnswerStage; mx?: string };
type Written = { name: string; provider?: string; mx?: string[]; source: string; examples: unknown[] };

function tables(name: "provider" | "rule" | "reaction" | "sweep"): Written[] {
  return readdirSync(DIR)
    .toSorted()
    .flatMap((file) => (parse(readFileSync(new URL(file, DIR), "utf8"))[name] ?? []) as Written[]);
}

function answerOf({ reply, stage, mx }: Example) {
  const { code, enhanced } = readReply(reply);
  return { stage, code, enhanced, text: reply, mx: mx ?? null };
}

function hostsOf(provider: string): string[] {
  return (tables("provider").find(({ name }) => name === provider)?.examples ?? []) as string[];
}

const REPLIES = tables("reaction").flatMap(({ name, provider = "other", examples }) =>
  (examples as Example[]).map((example) => ({ name, provider, example, reply: example.reply })),
);

describe("examples of replies", () => {
  test.each(REPLIES)("$name: $reply", ({ name, provider, example }) => {
    expect(matchingReactions(COMPILED, provider, answerOf(example))[0]?.name).toBe(name);
  });

  test.each(REPLIES)("set it off once its threshold is reached: $name: $reply", ({ name, provider, example }) => {
    const reactor = createReactor(COMPILED);
    const place = {
      source: "default",
      sourceAddress: "192.0.2.7",
      site: "mx.example.org",
      provider,
      domain: "example.com",
      deliveryId: 1,
      dkimDomains: ["example.org"],
      urlDomains: ["example.org"],
      recipient: "kim@example.com",
      messageKey: "1-1",
    };
    const count = FILES.reactions.find((one) => one.name === name)?.threshold?.count ?? 1;
    const set = Array.from({ length: count }, (_, i) =>
      react(reactor, { answer: answerOf(example), verdict: null, place }, HOUR + i),
    );
    expect(set.at(-1)?.map(({ reaction }) => reaction.name)).toEqual([name]);
  });

  test("what one provider says about a source holds there only", () => {
    const everywhere = FILES.reactions.filter(({ scope, action }) => scope === "source" && action.kind !== "alert");
    expect(everywhere.map(({ name }) => name)).toEqual([]);
  });

  test("of a provider none takes what says something about the mailbox or the content", () => {
    const mailbox = [
      "550 5.1.1 <kim@example.com>: User unknown",
      "452 4.2.2 The email account that you tried to reach is over quota",
      "552 5.2.2 Mailbox full",
      "550 5.2.1 The email account that you tried to reach is inactive",
      "554 5.6.0 Message malformed",
      "552 5.3.4 Message size exceeds limit",
      "250 2.0.0 OK",
    ];
    for (const { name: provider } of [...FILES.providers, { name: "other" }]) {
      for (const reply of mailbox) {
        const found = matchingReactions(COMPILED, provider, answerOf({ reply, stage: "rcpt" }));
        expect(
          found.map(({ name }) => name),
          `${provider}: ${reply}`,
        ).toEqual([]);
      }
    }
  });
});

describe("providers", () => {
  test.each([
    ["google", ["gmail-smtp-in.l.google.com", "alt1.gmail-smtp-in.l.google.com"]],
    ["outlook", ["hotmail-com.olc.protection.outlook.com"]],
    ["microsoft-365", ["example-org.mail.protection.outlook.com"]],
    ["microsoft-365", ["example-org.v-v1.mx.microsoft"]],
    ["yahoo", ["mta5.am0.yahoodns.net", "mta6.am0.yahoodns.net", "mta7.am0.yahoodns.net"]],
    ["apple", ["mx01.mail.icloud.com", "mx02.mail.icloud.com"]],
    ["gmx", ["mx-ha02.web.de", "mx-ha03.web.de"]],
    ["mimecast", ["eu-smtp-inbound-1.mimecast.com", "eu-smtp-inbound-2.mimecast.com"]],
    // Who filters by themselves and has Microsoft behind as a second MX is neither.
    ["other", ["mx.example.org", "example-org.mail.protection.outlook.com"]],
    ["other", ["mx.notgoogle.com.example.org"]],
    ["other", ["google.com"]],
  ])("%s has %j", (name, hosts) => {
    expect(providerOf(FILES.providers, hosts)).toBe(name);
  });

  test("each has a page or a DNS name to look at", () => {
    for (const { name, source } of tables("provider")) {
      expect(source, name).toMatch(/^(?:https:\/\/[a-z0-9.-]+\/|dns:[a-z0-9.-]+\?type=MX)/);
    }
  });
});

describe("rules", () => {
  const ruleAt = (provider: string) => mxRuleOf(FILES.rules, hostsOf(provider).slice(0, 1), null);

  test.each([
    ["google", 10, 50, "encrypted"],
    ["outlook", 10, 50, "opportunistic"],
    ["yahoo", 10, 20, "opportunistic"],
    ["apple", 10, 5, "opportunistic"],
    ["orange", 2, 100, "encrypted"],
    ["gmx", 4, 20, "encrypted"],
    ["comcast", 20, 500, "encrypted"],
    ["qq", 4, 8, "opportunistic"],
  ])("%s: %i connections, %i messages on each, TLS %s", (provider, connections, messages, tls) => {
    const rule = ruleAt(provider);
    expect([rule.connections.max, rule.messagesPerConnection, rule.tls]).toEqual([connections, messages, tls]);
  });

  test.each(["microsoft-365", "mimecast", "proofpoint", "barracuda", "cisco"])(
    "%s has hosts for each customer, and one limit for all of them",
    (provider) => {
      expect(ruleAt(provider)).toMatchObject({ name: provider, countedPer: "rule" });
    },
  );

  test("a limit for all sites of a rule is for one provider", () => {
    const shared = FILES.rules.filter(({ countedPer }) => countedPer === "rule");
    for (const { name, mx } of shared) {
      const providers = new Set(mx.map((mask) => providerOf(FILES.providers, [mask.replaceAll("*", "x")])));
      expect([...providers], name).toHaveLength(1);
    }
  });
});
