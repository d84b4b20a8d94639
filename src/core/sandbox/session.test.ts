import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { OTHERS, PROVIDERS } from "./providers.ts";
import { answer, finish, openSession, type Session, type World } from "./session.ts";

const world = (): World => ({ profile: "internet", replies: new Map(), history: new Map(), buckets: new Map() });

/** Sends lines one by one, each with the next in sight, and lists the reply codes. `.` ends content. */
function talk(lines: readonly string[], session: Session = openSession(OTHERS), shared = world()): string[] {
  return lines.map((line, i) => {
    const given =
      line === "."
        ? finish(session, "whole", "1", shared, 0).answer
        : answer(session, line, lines[i + 1] ?? null, shared, 0);
    return `${given.reply?.code ?? "-"}${given.next === "command" ? "" : ` ${given.next}`}`;
  });
}

const START = ["EHLO client.example", "MAIL FROM:<a@b.example> SIZE=100 BODY=8BITMIME"];

describe("session", () => {
  test.each([
    [
      "a message",
      [...START, "RCPT TO:<anna@sandbox.test>", "DATA", ".", "QUIT"],
      "250 250 250 354 content 250 221 close",
    ],
    [
      "null return path",
      ["EHLO a", "MAIL FROM:<>", "RCPT TO:<anna@sandbox.test>", "DATA", "."],
      "250 250 250 354 content 250",
    ],
    ["refused recipient, pipelined", [...START, "RCPT TO:<unknown@x.test>", "DATA"], "250 250 550 554"],
    ["refused at MAIL", [...START, "RCPT TO:<mail-451@x.test>", "DATA"], "250 451 503 503"],
    ["refused at MAIL, not pipelined", [...START, "NOOP", "RCPT TO:<mail-451@x.test>"], "250 250 250 451"],
    ["421 closes", [...START, "RCPT TO:<rcpt-421@x.test>"], "250 250 421 close"],
    ["refused DATA", [...START, "RCPT TO:<data-452@x.test>", "DATA", "MAIL FROM:<a@b.example>"], "250 250 250 452 250"],
    ["refused content", [...START, "RCPT TO:<spam@x.test>", "DATA", "."], "250 250 250 354 content 550"],
    ["dropped content", [...START, "RCPT TO:<drop-data@x.test>", "DATA"], "250 250 250 354 content-drop"],
    ["dropped at the dot", [...START, "RCPT TO:<drop-dot@x.test>", "DATA", "."], "250 250 250 354 content - drop"],
    ["garbage", [...START, "RCPT TO:<garbage-rcpt@x.test>"], "250 250 - garbage"],
    ["twice, then ok", [...START, ...Array(3).fill("RCPT TO:<twice-450-then-ok@x.test>")], "250 250 450 450 250"],
    ["MAIL before EHLO", ["MAIL FROM:<a@b.example>"], "503"],
    ["nested MAIL", [...START, "MAIL FROM:<a@b.example>"], "250 250 503"],
    ["RSET", [...START, "RSET", "RCPT TO:<a@x.test>"], "250 250 250 503"],
    ["too large", ["EHLO a", "MAIL FROM:<a@b.example> SIZE=99999999"], "250 552"],
    ["unknown parameter", ["EHLO a", "MAIL FROM:<a@b.example> FOO=1"], "250 555"],
    ["UTF-8 without SMTPUTF8", [...START, "RCPT TO:<jörg@x.test>"], "250 250 553"],
    ["UTF-8", ["EHLO a", "MAIL FROM:<a@b.example> SMTPUTF8", "RCPT TO:<jörg@sandbox.test>"], "250 250 250"],
    ["quoted local part", [...START, 'RCPT TO:<"a b@>c"@sandbox.test>'], "250 250 250"],
    [
      "bad addresses",
      [...START, "RCPT TO:<a>", "RCPT TO:<a@b@c.test>", "RCPT TO:<a b@x.test>", "RCPT TO:x@y.test"],
      "250 250 501 501 501 501",
    ],
    ["connect domain on the common listener", [...START, "RCPT TO:<a@connect-554.test>"], "250 250 554"],
    ["unknown commands", ["EHLO a", "BDAT 3", "STARTTLS", "\u0000\u0001", "mailfoo"], "250 502 502 500 502"],
  ])("%s", (_, lines, expected) => expect(talk(lines).join(" ")).toBe(expected));

  test("22 refused recipients do not count as mistakes, 21 bad commands do", () => {
    const session = openSession(OTHERS);
    const shared = world();
    for (let i = 0; i < 22; i++) talk([...START, "RCPT TO:<unknown@x.test>", "DATA", "RSET"], session, shared);
    expect(talk(["NOOP"], session, shared)).toEqual(["250"]);
    expect(talk(Array(21).fill("FOO"), session, shared).at(-1)).toBe("421 close");
  });

  test("a provider without enhanced codes does not announce them", () => {
    const gmq = PROVIDERS.find((p) => p.name === "gmq") ?? OTHERS;
    const lines = (provider: typeof OTHERS) => answer(openSession(provider), "EHLO a", null, world(), 0).reply?.lines;
    expect(lines(gmq)).not.toContain("ENHANCEDSTATUSCODES");
    expect(lines(OTHERS)).toContain("ENHANCEDSTATUSCODES");
  });

  test("a connection is used up after as many messages as the provider allows", () => {
    const session = openSession(OTHERS);
    const shared = world();
    talk(["EHLO a"], session, shared);
    const codes: string[] = [];
    for (let i = 0; i < 21; i++) {
      codes.push(
        talk(["MAIL FROM:<a@b.example>", `RCPT TO:<p@yoomail.example>`, "DATA", "."], session, shared)[1] ?? "",
      );
    }
    expect(codes.slice(0, 20)).toEqual(Array(20).fill("250"));
    expect(codes[20]).toBe("421 close");
  });

  test("a provider's rate: the burst passes, then the rate", () => {
    const shared = world();
    const take = (at: number) => {
      const session = openSession(OTHERS);
      for (const line of START) answer(session, line, null, shared, at);
      return answer(session, "RCPT TO:<p@mandarine.example>", null, shared, at).reply?.code;
    };
    const passed = (at: number, n: number) =>
      Array.from({ length: n }, () => take(at)).filter((code) => code !== 421).length;
    expect(passed(0, 700)).toBe(600);
    expect(passed(1000, 300)).toBe(200);
    expect(passed(500, 10)).toBe(0);
  });

  test("never throws, whatever is said", () => {
    const word = fc.constantFrom(
      "EHLO a",
      "MAIL FROM:<a@b.test>",
      "RCPT TO:<a@b.test>",
      "DATA",
      ".",
      "RSET",
      "RCPT TO:<",
      "mail ",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string({ unit: "binary" }))), (lines) => {
        expect(talk(lines)).toHaveLength(lines.length);
      }),
    );
  });
});
