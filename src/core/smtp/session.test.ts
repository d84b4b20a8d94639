import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { play, type Scenario } from "../../../test/dialogues/scripted-server.ts";
import { createSession, type Effect, type SessionEvent, type SmtpMessage, step, wantsMessage } from "./session.ts";

const REPLIES = {
  greeting: ["220 hi\r\n", "220-hi\r\n220 there\r\n", "554 5.7.1 no\r\n", "421 busy\r\n"],
  ehlo: [
    "250-mx\r\n250-PIPELINING\r\n250 SIZE\r\n",
    "250 mx\r\n",
    "250-mx\r\n250 PIPELINING\r\n",
    "250-mx\r\n250-PIPELINING\r\n250 CHUNKING\r\n",
    "250-mx\r\n250-CHUNKING\r\n250-DSN\r\n250 LIMITS MAILMAX=2\r\n",
    "502 what\r\n",
  ],
  helo: ["250 mx\r\n", "550 no\r\n"],
  mail: [
    "250 ok\r\n",
    "250 ok\r\n",
    "250 ok\r\n",
    "550 5.7.1 no\r\n",
    "503 open\r\n",
    "451 later\r\n",
    "421 bye\r\n",
    "354 what\r\n",
  ],
  rcpt: ["250 ok\r\n", "250 ok\r\n", "251 ok\r\n", "550 5.1.1 no\r\n", "450-4.2.1 no\r\n450 no\r\n", "421 bye\r\n"],
  data: ["354 go\r\n", "354 go\r\n", "354 go\r\n", "503 no\r\n", "421 bye\r\n", "250 what\r\n"],
  dot: [
    "250 2.0.0 ok\r\n",
    "250-ok\r\n250 ok\r\n",
    "552 5.7.0 spam\r\n",
    "451 later\r\n",
    "421 bye\r\n",
    "354 what\r\n",
  ],
  chunk: [
    "250 2.0.0 ok\r\n",
    "250-ok\r\n250 ok\r\n",
    "552 5.7.0 spam\r\n",
    "451 later\r\n",
    "502 what\r\n",
    "421 bye\r\n",
    "354 what\r\n",
  ],
  rset: ["250 ok\r\n", "500 what\r\n", "421 bye\r\n"],
  quit: ["221 bye\r\n"],
};

const oneOf = (replies: readonly string[]) => fc.constantFrom(...replies);
const scenario: fc.Arbitrary<Scenario> = fc.record({
  replies: fc.record({
    greeting: fc.array(fc.oneof({ weight: 9, arbitrary: fc.constant("220 hi\r\n") }, oneOf(REPLIES.greeting)), {
      minLength: 1,
      maxLength: 1,
    }),
    ehlo: fc.array(oneOf(REPLIES.ehlo), { minLength: 1, maxLength: 1 }),
    helo: fc.array(oneOf(REPLIES.helo), { minLength: 1, maxLength: 1 }),
    mail: fc.array(oneOf(REPLIES.mail), { minLength: 1 }),
    rcpt: fc.array(oneOf(REPLIES.rcpt), { minLength: 1 }),
    data: fc.array(oneOf(REPLIES.data), { minLength: 1 }),
    dot: fc.array(oneOf(REPLIES.dot), { minLength: 1 }),
    chunk: fc.array(oneOf(REPLIES.chunk), { minLength: 1 }),
    rset: fc.array(oneOf(REPLIES.rset), { minLength: 1 }),
    quit: fc.array(oneOf(REPLIES.quit), { minLength: 1 }),
  }),
  messages: fc.nat({ max: 5 }),
  maxMessages: fc.integer({ min: 1, max: 4 }),
  everyUntilRcpt: fc.nat({ max: 3 }),
  end: fc.record({
    afterBytes: fc.oneof(fc.nat({ max: 400 }), fc.constant(Number.POSITIVE_INFINITY)),
    with: fc.constantFrom("close", "timeout", "garbage"),
  }),
});
const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 });

describe("against any server", () => {
  test("every message taken has exactly one outcome or return, and an accepted one its 2xx", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(scenario, cuts, (given, sizes) => {
        const { settled, taken, dotReplies, handedOver } = play(given, sizes);
        expect(settled.map(({ tag }) => tag).sort()).toEqual([...taken].sort());
        for (const { tag, outcome } of settled) {
          const isRcptOnly = outcome?.kind === "accepted" && outcome.stage === "rcpt";
          seen.add(outcome === null ? "return" : isRcptOnly ? "accepted at rcpt" : outcome.kind);
          if (outcome?.kind === "accepted" && !isRcptOnly) expect(dotReplies.get(tag)).toMatch(/^2/);
          if (isRcptOnly) expect(handedOver).not.toContain(tag);
          // In doubt exactly when the content is out and no reply to it was read: 354 is none, 502 to a chunk is one.
          const isUnanswered = handedOver.includes(tag) && !dotReplies.get(tag)?.startsWith("50");
          if (outcome?.kind === "lost") expect(outcome.inDoubt).toBe(isUnanswered);
          if (outcome?.kind !== "accepted") expect(dotReplies.get(tag) ?? "none").not.toMatch(/^2/);
          // Content that left is never given back as if nothing had happened.
          if (outcome === null) expect(handedOver).not.toContain(tag);
        }
      }),
      { numRuns: 2000 },
    );
    // The scenarios are worth something only if they lead everywhere.
    expect([...seen].sort()).toEqual(["accepted", "accepted at rcpt", "lost", "refused", "return"]);
  });

  test("where the server's bytes are cut makes no difference", () => {
    fc.assert(
      fc.property(scenario, cuts, (given, sizes) => {
        const whole = play(given, [Number.POSITIVE_INFINITY]);
        expect(play(given, sizes)).toEqual(whole);
      }),
      { numRuns: 1000 },
    );
  });

  test("nothing that arrives, in whatever order, makes it throw or lose a message", () => {
    const event: fc.Arbitrary<SessionEvent> = fc.oneof(
      fc.constantFrom<SessionEvent>(
        { kind: "connected" },
        { kind: "secured" },
        { kind: "flushed" },
        { kind: "quit" },
        { kind: "closed", detail: "" },
        { kind: "timeout", after: 1 },
        { kind: "withheld" },
      ),
      fc.uint8Array().map((bytes): SessionEvent => ({ kind: "data", bytes })),
      fc
        .array(fc.constantFrom(...Object.values(REPLIES).flat()), { minLength: 1, maxLength: 4 })
        .map((replies): SessionEvent => ({ kind: "data", bytes: Buffer.from(replies.join("")) })),
      fc.string().map((tag): SessionEvent => ({ kind: "offer", message: messageFor(tag) })),
    );
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 40 }),
        fc.constantFrom("none", "opportunistic", "encrypted", "required"),
        (events, tls) => {
          const session = createSession({ ...OPTIONS, tls });
          const offered: string[] = [];
          const settled: string[] = [];
          for (const next of [...events, { kind: "closed", detail: "" } as const]) {
            if (next.kind === "offer") offered.push(next.message.tag);
            for (const effect of step(session, next)) {
              if (effect.kind === "outcome" || effect.kind === "return") settled.push(effect.tag);
            }
          }
          expect(settled.sort()).toEqual(offered.sort());
        },
      ),
    );
  });
});

const OPTIONS = {
  helo: "client.example",
  tls: "none",
  credentials: null,
  maxMessages: 100,
  pipelining: true,
  chunking: true,
} as const;

function messageFor(tag: string): SmtpMessage {
  return { tag, mailFrom: "", rcptTo: "a@example.com", sizeBytes: 9, is8bit: false, needsSmtpUtf8: false };
}

/** A session that has MAIL, RCPT and DATA of message A out. */
function withEnvelopeOut() {
  const session = createSession(OPTIONS);
  const say = (text: string): Effect[] => step(session, { kind: "data", bytes: Buffer.from(text) });
  step(session, { kind: "connected" });
  say("220 hi\r\n");
  say("250-mx\r\n250 PIPELINING\r\n");
  step(session, { kind: "offer", message: messageFor("A") });
  return { session, say };
}

describe("a reply to the final dot before the content has left", () => {
  test("is not believed when it accepts", () => {
    const { say } = withEnvelopeOut();
    expect(say("250 ok\r\n250 ok\r\n354 go\r\n250 accepted\r\n")).toMatchObject([
      { kind: "body" },
      { kind: "outcome", outcome: { kind: "lost", stage: "data", trouble: "garbage", inDoubt: false } },
      { kind: "close" },
    ]);
  });

  test("is the outcome when it refuses, and the content stays", () => {
    const { say } = withEnvelopeOut();
    expect(say("250 ok\r\n250 ok\r\n354 go\r\n451 4.3.0 on second thoughts\r\n")).toMatchObject([
      { kind: "body" },
      { kind: "outcome", outcome: { kind: "refused", stage: "data", reply: { code: 451 } } },
      { kind: "close" },
    ]);
  });
});

describe("content that was never handed to the socket", () => {
  test("leaves no doubt when the connection breaks", () => {
    const { session, say } = withEnvelopeOut();
    say("250 ok\r\n250 ok\r\n354 go\r\n");
    expect(step(session, { kind: "closed", detail: "" })[0]).toMatchObject({
      outcome: { stage: "data", inDoubt: false },
    });
  });

  test("goes back when the journal could not be written", () => {
    const { session, say } = withEnvelopeOut();
    say("250 ok\r\n250 ok\r\n354 go\r\n");
    expect(step(session, { kind: "withheld" })).toMatchObject([{ kind: "return", tag: "A" }, { kind: "close" }]);
  });
});

test("text behind the reply to STARTTLS ends the connection (CVE-2011-0411)", () => {
  const session = createSession({ ...OPTIONS, tls: "opportunistic" });
  step(session, { kind: "connected" });
  step(session, { kind: "data", bytes: Buffer.from("220 hi\r\n") });
  step(session, { kind: "data", bytes: Buffer.from("250-mx\r\n250 STARTTLS\r\n") });
  expect(step(session, { kind: "data", bytes: Buffer.from("220 go\r\n250 injected\r\n") })).toMatchObject([
    { kind: "failed", phase: "starttls", outcome: { kind: "lost", stage: "ehlo", trouble: "tls" } },
    { kind: "close" },
  ]);
});

test("the time-out of an idle connection's next message does not begin before it is offered", () => {
  const { session, say } = withEnvelopeOut();
  say("250 ok\r\n250 ok\r\n354 go\r\n");
  step(session, { kind: "flushed" });
  say("250 ok\r\n");
  const idle = session.progress;
  expect(wantsMessage(session)).toBe(true);
  step(session, { kind: "offer", message: messageFor("B") });
  expect(session.progress).toBeGreaterThan(idle);
});

test.each([
  ["421 4.3.2 too busy\r\n", { kind: "refused", stage: "ehlo", reply: { code: 421 } }],
  ["250 by the way\r\n", { kind: "lost", stage: "ehlo", trouble: "garbage" }],
])("what ends the connection before anything was asked is no failure of a message: %j", (words, outcome) => {
  const session = createSession(OPTIONS);
  step(session, { kind: "connected" });
  step(session, { kind: "data", bytes: Buffer.from("220 hi\r\n") });
  // A caller that hears of no failure would connect again at once, and so on for ever.
  expect(step(session, { kind: "data", bytes: Buffer.from(`250 mx\r\n${words}`) })).toMatchObject([
    { kind: "failed", phase: "ehlo", outcome },
    { kind: "close" },
  ]);
});
