/** A server fails at every place and in every way; `outcomes.md` names what becomes of the messages. */
import { describe, expect, test } from "vitest";

import type { Phase } from "../../src/core/smtp/session.ts";
import { CERTIFICATE } from "../dialogues/loopback.ts";
import { type ByteServer, type Fault, type HasRead, type Place, placesOf, serveBytes } from "./byte-server.ts";
import { readOutcomes } from "./outcome-table.ts";
import { LOGIN, SCRIPTS, type Way } from "./scripts.ts";
import { describeEnd, type Ended, expectRules, messageOf, shortIn, Subject } from "./subject.ts";

const OUTCOMES = readOutcomes();
const keyOf = (way: Way, phase: string, failure: Failure): string => `${way} | ${phase} | ${failure}`;
type Failure = "broken" | "silent" | "nonsense" | "misfit" | "shut down";

const WAYS = Object.keys(SCRIPTS) as Way[];

/** Failures end by time-out only where the server is silent; elsewhere none may be needed. */
async function endOf(
  way: Way,
  place: Place | null,
  short: Phase | null,
): Promise<{ ended: Ended; server: ByteServer }> {
  let subject: Subject | undefined;
  const hasRead: HasRead = async (bytes) => subject?.hasRead(bytes);
  const server = await serveBytes(SCRIPTS[way], place, hasRead);
  const isSecured = way === "secured";
  subject = new Subject(
    {
      port: server.port,
      ...(short ? { timeouts: shortIn(short) } : {}),
      ...(isSecured ? { tls: "required", ca: CERTIFICATE, credentials: LOGIN } : {}),
    },
    [messageOf("A"), messageOf("B")],
  );
  const ended = await subject.ended;
  server.close();
  return { ended, server };
}

/** Messages whose content the server has answered when it fails at this phase; by the reply that is the fault, too. */
function answeredBefore(way: Way, { phase, fault }: Place, failure: Failure): string[] {
  const phases = SCRIPTS[way].flatMap(({ says }) => says.map((said) => said.phase));
  const before = phases.slice(0, phases.indexOf(phase));
  if (failure === "shut down" && fault.kind === "say") before.push(phase);
  return ["A", "B"].filter((tag) => before.includes(`dot ${tag}`));
}

async function expectOutcome(way: Way, failure: Failure, place: Place): Promise<Ended> {
  // After 354 to QUIT it is right to wait for 221.
  const endsByTimeout = failure === "silent" || (failure === "misfit" && place.phase === "quit");
  const [word] = place.phase.split(" ") as [Phase];
  const { ended, server } = await endOf(way, place, endsByTimeout ? word : null);
  const where = `${way}: ${JSON.stringify(place).slice(0, 200)}`;
  expect(server.problem(), where).toBeNull();
  expect(describeEnd(ended), where).toBe(OUTCOMES.get(keyOf(way, place.phase, failure)));
  expectRules(ended, answeredBefore(way, place, failure));
  return ended;
}

/** Some at a time: 2,000 connections at once would be another test. */
async function forEach<T>(all: readonly T[], run: (one: T) => Promise<unknown>): Promise<void> {
  const left = [...all];
  const worker = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await run(next);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

function phasesOf(way: Way): string[] {
  return [...new Set(placesOf(SCRIPTS[way]).map(({ phase }) => phase))];
}

const say = (bytes: string): Fault => ({ kind: "say", bytes });

describe.each(WAYS)("%s", (way) => {
  test("without a fault both messages are accepted, and every line of the table has its phase", async () => {
    const { ended, server } = await endOf(way, null, null);
    expect(server.problem()).toBeNull();
    expect(describeEnd(ended)).toBe("A accepted; B accepted");
    expect(ended.reason).toEqual({ kind: "quit" });
    const named = [...OUTCOMES.keys()].filter((key) => key.startsWith(`${way} | `)).map((key) => key.split(" | ")[1]);
    for (const phase of phasesOf(way)) expect(named).toContain(phase);
  });

  test.each(["close", "reset"] as const)("broken: %s at every byte", async (kind) => {
    const places = placesOf(SCRIPTS[way]);
    expect(places.length).toBeGreaterThan(200);
    await forEach(places, (place) => expectOutcome(way, "broken", { ...place, fault: { kind } }));
  });

  test("silent: at the first byte, in the middle, and one character at a time", async () => {
    const places = phasesOf(way).flatMap((phase): Place[] => [
      { phase, at: 0, fault: { kind: "stall" } },
      { phase, at: 6, fault: { kind: "stall" } },
      { phase, at: 0, fault: { kind: "trickle" } },
    ]);
    await forEach(places, (place) => expectOutcome(way, "silent", place));
  });

  test("nonsense: bytes, lines and replies without end", async () => {
    const places = phasesOf(way).flatMap((phase): Place[] =>
      [
        say("\x16\x03\x01\x00\xff\xfe\0\r\n"),
        say("HTTP/1.1 400 Bad Request\r\n"),
        say("999 what\r\n"),
        say("25\r\n"),
        say("250-one of ten thousand\r\n".repeat(10_000)),
        { kind: "flood" } as const,
      ].map((fault) => ({ phase, at: 0, fault })),
    );
    await forEach(places, async (place) => {
      const ended = await expectOutcome(way, "nonsense", place);
      // However much the server says, little of it is read.
      expect(ended.received).toBeLessThan(1_000_000);
    });
  });

  test("misfit: a code that has no meaning there", async () => {
    const places = phasesOf(way).map((phase): Place => {
      const words = phase.startsWith("data") ? "250 ok\r\n" : "354 go ahead\r\n";
      return { phase, at: 0, fault: say(words) };
    });
    await forEach(places, (place) => expectOutcome(way, "misfit", place));
  });

  test("shut down: 421 anywhere", async () => {
    const places = phasesOf(way).map((phase): Place => ({ phase, at: 0, fault: say("421 4.3.2 shutting down\r\n") }));
    await forEach(places, (place) => expectOutcome(way, "shut down", place));
  });
});
