/**
 * What must hold of the shipped rules whatever they say: who is meant depends on the stage, and nothing about us ever condemns
 * an address. Tried on all replies of the wild at all stages.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { countsAgainstAddress } from "../../core/bounce/blame.ts";
import type { CompiledRules } from "../../core/bounce/qualify.ts";
import { ANSWER_STAGES, type AnswerStage } from "../../core/bounce/rule.ts";
import type { Verdict } from "../../core/bounce/verdict.ts";
import { judgeText, loadShippedRules, WILD_ROWS } from "./wild-rows.ts";

const TEXTS = WILD_ROWS.map(({ text }) => text);

let rules: CompiledRules;
beforeAll(async () => {
  rules = await loadShippedRules();
});

const judge = (stage: AnswerStage, text: string): Verdict => judgeText(rules, stage, text);

describe("who is meant", () => {
  it.each(["connect", "ehlo", "mail"] as const)("trouble at %s is about us, never about the address", (stage) => {
    for (const text of TEXTS) {
      const verdict = judge(stage, text);
      expect(verdict.type, text).not.toBe("hard");
      expect(verdict.scope, text).not.toBe("address");
    }
  });

  it("RCPT is about the address: the same words condemn it there and nowhere before", () => {
    const text = "550 5.1.1 User unknown";
    expect(judge("rcpt", text)).toMatchObject({ type: "hard", reason: "user-unknown", scope: "address" });
    expect(judge("mail", text)).toMatchObject({ type: "soft", reason: "refused", scope: "sender" });
  });

  it("after the dot it is the content, or a recipient that only then turned out to be none", () => {
    expect(judge("dot", "554 wibble wobble")).toMatchObject({ reason: "refused", scope: "message" });
    expect(judge("dot", "550 5.1.1 No such user")).toMatchObject({ reason: "user-unknown", scope: "address" });
    expect(judge("dot", "552 5.2.2 Over quota")).toMatchObject({ reason: "mailbox-full", scope: "address" });
  });

  it("a quoted answer is judged by the command that it answered", () => {
    const quoted = (command: string) =>
      `host mx.example.com[192.0.2.7] said: 550 User unknown (in reply to ${command})`;
    expect(judge("async", quoted("RCPT TO command")).type).toBe("hard");
    expect(judge("async", quoted("MAIL FROM command"))).toMatchObject({ type: "soft", scope: "sender" });
  });
});

describe("what never counts against an address", () => {
  it("reputation, block lists, rate, authentication, relaying, content and size: at no stage is it hard", () => {
    const blameless = WILD_ROWS.filter((row) => ["us", "content"].includes(row.section) && row.stage !== "mail");
    expect(blameless.length).toBeGreaterThan(300);
    for (const stage of ANSWER_STAGES) {
      for (const { text } of blameless) expect(judge(stage, text).type, `${stage} ${text}`).not.toBe("hard");
    }
  });

  it.each([
    ["reputation", "554 5.7.1 Your server has a poor reputation"],
    ["spam", "550 5.7.1 Message looks like spam"],
    ["a block list", "554 5.7.1 Client host [192.0.2.7] blocked using zen.spamhaus.org"],
    ["a rate", "450 4.7.1 Too many messages from your host"],
    [
      "a rate of the recipient",
      "550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents more",
    ],
    ["authentication", "550 5.7.26 This mail did not pass DMARC"],
    ["relaying", "554 5.7.1 <kim@example.com>: Relay access denied"],
    ["content", "554 5.6.0 Message is malformed"],
    ["a virus", "554 5.7.1 Virus found"],
    ["size", "552 5.3.4 Message too large"],
    ["a login", "530 5.7.0 Authentication required"],
    ["a missing name of our address", "450 4.7.25 Client host rejected: cannot find your hostname"],
    ["our sender address", "553 5.1.8 Sender address rejected: Domain not found"],
  ])("%s, at any stage", (_, text) => {
    for (const stage of ANSWER_STAGES) expect(countsAgainstAddress(judge(stage, text)), stage).toBe(false);
  });
});

describe("codes that mislead", () => {
  it("a 5xx that is a rate is tried again", () => {
    const rates = [
      "550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages",
      "550 5.7.1 Our system has detected an unusual rate of unsolicited mail originating from your IP address",
      "550 Connection frequency limited. http://service.example.com/help",
      "552 Too many recipients in this transaction",
    ];
    for (const text of rates) {
      expect(judge("rcpt", text).type, text).toBe("soft");
      expect(judge("rcpt", text).action, text).not.toBe("fail");
    }
  });

  it("a 4xx is tried again whatever it says, unless a rule knows that it is final", () => {
    const final = TEXTS.filter((text) => text.startsWith("4") && judge("rcpt", text).action === "fail");
    expect(final.length).toBeGreaterThan(0);
    for (const text of final) expect(text).toContain("permanently deferred");
  });

  it("the basic code wins over the class of the enhanced code", () => {
    expect(judge("dot", "421 5.7.32 From header not aligned").action).toBe("retry");
    expect(judge("rcpt", "550 4.2.2 mailbox full").action).toBe("fail");
  });

  it("the address in the last line of a GMX answer decides", () => {
    const text = "550-Requested action not taken: mailbox unavailable 550 See https://postmaster.gmx.net/en/case?";
    expect(judge("rcpt", `${text}c=r0201&i=ip&v=192.0.2.1`).type).toBe("hard");
    expect(judge("rcpt", `${text}c=r0601&i=ip&v=192.0.2.1`)).toMatchObject({ type: "soft", reason: "refused" });
    expect(judge("rcpt", `${text.replaceAll("550", "450")}c=r0201&i=ip`).type).not.toBe("hard");
  });

  it("GMX's limit on our sending is a rate, although it says mailbox unavailable", () => {
    const text =
      "450-Requested mail action not taken: mailbox unavailable 450-Mail send limit exceeded. 450 See https://postmaster.gmx.net/";
    expect(judge("dot", text)).toMatchObject({ type: "soft", reason: "unreachable", action: "slow" });
  });

  it("a limit on messages in one connection is no size, and no reason to slow down: the next one gets as many", () => {
    expect(judge("mail", "421 max message per connection reached")).toMatchObject({ type: "soft", action: "retry" });
  });
});

describe("what is known without codes and without English", () => {
  it.each([
    ["French", "550 Cette adresse n'existe pas"],
    ["German", "550 Benutzer unbekannt"],
    ["Spanish", "550 El usuario no existe"],
    ["Italian", "550 Utente sconosciuto"],
    ["Portuguese", "550 Usuário não encontrado"],
    ["Dutch", "550 Gebruiker onbekend"],
    ["Polish", "550 Użytkownik nie istnieje"],
    ["Russian", "550 Пользователь не найден"],
    ["Turkish", "550 Kullanıcı bulunamadı"],
    ["Japanese", "550 ユーザーが存在しません"],
    ["Chinese", "550 收件人不存在"],
    ["English without an enhanced code", "550 No such user here"],
  ])("%s: user unknown", (_, text) => {
    expect(judge("rcpt", text)).toMatchObject({ type: "hard", reason: "user-unknown", action: "fail" });
  });
});

describe("what nobody knows", () => {
  it("unknown text is not defined, tried again, and waits for a person", () => {
    expect(judge("rcpt", "550 wibble wobble")).toEqual({
      type: "not-defined",
      reason: "not-defined",
      action: "retry",
      scope: "message",
      rule: "default-unknown",
    });
  });

  it("words in a mail address decide nothing", () => {
    expect(judge("rcpt", "550 5.1.1 <no.spam@blacklist.example.com>: User unknown").reason).toBe("user-unknown");
    expect(judge("rcpt", "452 4.2.2 <user-unknown@example.com> mailbox full").reason).toBe("mailbox-full");
  });

  it("no text, however odd, is hard before RCPT", () => {
    const word = fc.constantFrom(...TEXTS.flatMap((text) => text.split(" ")));
    const text = fc.array(word, { maxLength: 20 }).map((words) => words.join(" "));
    fc.assert(
      fc.property(fc.constantFrom("connect", "ehlo", "mail" as const), text, (stage: AnswerStage, reply) => {
        expect(countsAgainstAddress(judge(stage, reply)) && judge(stage, reply).scope === "address").toBe(false);
      }),
    );
  });
});

describe("actions", () => {
  it.each([
    ["fail", "rcpt", "550 5.1.1 User unknown"],
    ["retry", "rcpt", "450 4.2.0 Greylisted"],
    ["retry-elsewhere", "connect", "554 Client host [192.0.2.7] blocked using zen.spamhaus.org"],
    ["slow", "connect", "421 Too many connections"],
    ["split", "rcpt", "452 4.5.3 Too many recipients"],
    ["alarm", "connect", "554 Your address has no PTR record"],
    ["pause", "ehlo", "535 5.7.8 Authentication failed"],
  ] as const)("%s", (action, stage, text) => {
    expect(judge(stage, text).action).toBe(action);
  });
});
