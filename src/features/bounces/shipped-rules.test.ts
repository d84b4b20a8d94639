/**
 * The shipped rules against replies as servers of many makes and languages give them, and against the principles: who is
 * meant depends on the stage, and nothing about us ever condemns an address.
 */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { type CompiledRules, qualify } from "../../core/bounce/qualify.ts";
import { readReply } from "../../core/bounce/read-reply.ts";
import { ANSWER_STAGES, type AnswerStage } from "../../core/bounce/rule.ts";
import type { Verdict } from "../../core/bounce/verdict.ts";
import { loadRules } from "./index.ts";

let rules: CompiledRules;
beforeAll(async () => {
  rules = await loadRules(new URL("../../../rules/bounces", import.meta.url).pathname);
});

function judge(stage: AnswerStage, text: string, mx: string | null = null): Verdict {
  const { code, enhanced } = readReply(text);
  return qualify(rules, { stage, code, enhanced, text, mx });
}

type Row = { section: string; stage: AnswerStage; text: string; expected: string };

const FILES = ["replies", "providers", "languages", "mixed", "notices"];

/** The lines of `wild-….txt`. */
function readRows(name: string): Row[] {
  let section = "";
  const rows: Row[] = [];
  for (const line of readFileSync(new URL(`wild-${name}.txt`, import.meta.url), "utf8").split("\n")) {
    if (line.startsWith("## ")) section = line.slice(3);
    const [expected, stage, text] = line.split(" | ");
    const known = ANSWER_STAGES.find((name) => name === stage);
    if (expected !== undefined && known && text !== undefined) rows.push({ section, stage: known, text, expected });
  }
  return rows;
}

const ROWS = FILES.flatMap(readRows);
const TEXTS = ROWS.map(({ text }) => text);

describe("replies of the wild", () => {
  it("are many", () => {
    expect(ROWS.length).toBeGreaterThan(1000);
  });

  it.each(ROWS)("$section: $stage $text", ({ stage, text, expected }) => {
    const { type, reason, action, rule } = judge(stage, text);
    expect(`${type} ${reason} ${action}`, rule).toBe(expected);
  });
});

describe("principles", () => {
  const ABOUT_US = ANSWER_STAGES.filter((stage) => stage === "connect" || stage === "ehlo" || stage === "mail");

  it("before RCPT no answer says anything about the address", () => {
    for (const stage of ABOUT_US) {
      for (const text of TEXTS) {
        const verdict = judge(stage, text);
        expect({ text, stage, hard: verdict.type === "hard", scope: verdict.scope }).not.toMatchObject({ hard: true });
        expect(verdict.scope, `${stage} ${text}`).not.toBe("address");
      }
    }
  });

  it("reputation, block lists, rate, authentication, relaying, content and size never count against an address", () => {
    const blameless = ROWS.filter((row) => (row.section === "us" || row.section === "content") && row.stage !== "mail");
    for (const stage of ANSWER_STAGES) {
      for (const { text } of blameless) {
        expect(judge(stage, text).type, `${stage} ${text}`).not.toBe("hard");
      }
    }
  });

  it("a 4xx is retried whatever it says, unless a rule calls it final", () => {
    const final = TEXTS.filter((text) => text.startsWith("4") && judge("rcpt", text).action === "fail");
    expect(final.length).toBeGreaterThan(0);
    for (const text of final) expect(text).toContain("permanently deferred");
  });

  it("the basic code wins over the class of the enhanced code", () => {
    expect(judge("dot", "421 5.7.32 From header not aligned").action).toBe("retry");
    expect(judge("rcpt", "550 4.2.2 mailbox full").action).toBe("fail");
  });

  it("the last line of a GMX answer decides", () => {
    const text =
      "550-Requested action not taken: mailbox unavailable 550 For explanation visit https://postmaster.gmx.net/en/case?";
    expect(judge("rcpt", `${text}c=r0201&i=ip&v=192.0.2.1`).type).toBe("hard");
    expect(judge("rcpt", `${text}c=r0601&i=ip&v=192.0.2.1`)).toMatchObject({ type: "soft", reason: "refused" });
  });

  it("words in a mail address decide nothing", () => {
    expect(judge("rcpt", "550 5.1.1 <no.spam@blacklist.example.com>: User unknown").reason).toBe("user-unknown");
    expect(judge("rcpt", "452 4.2.2 <user-unknown@example.com> mailbox full").reason).toBe("mailbox-full");
  });
});
