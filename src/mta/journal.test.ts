import { appendFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTick } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { clearJournal, openJournal, replayJournal, type Intent } from "./journal.ts";
import type { OutcomeRecord } from "./outcome-record.ts";

const intent = (seq: number): Intent => ({
  partId: 1,
  seq,
  epoch: 1,
  attempt: 1,
  fromStatus: "pending",
  mx: "mx.example.org",
  digest: null,
  address: `a${seq}@example.org`,
  domain: "example.org",
  at: 0,
});

const outcome = (seq: number): OutcomeRecord => ({
  ...intent(seq),
  status: "sent",
  type: null,
  reason: null,
  inDoubt: false,
  nextAt: null,
  finalAt: 5,
  kind: "accepted",
  stage: "dot",
  code: 250,
  enhanced: null,
  reply: "250 ok",
  sourceIp: null,
  tls: null,
  durationMs: 1,
  rule: null,
  quarantineKey: null,
});

describe("journal", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "envoi-journal-"));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  test("an intent without an outcome is in doubt, one with an outcome is not", async () => {
    const journal = openJournal(dir);
    journal.writeIntents([intent(1), intent(2)]);
    journal.writeOutcome(outcome(2));
    await nextTick();
    const replay = replayJournal(dir);
    expect(replay.inDoubt.map((i) => i.seq)).toEqual([1]);
    expect(replay.outcomes).toEqual([outcome(2)]);
    journal.close();
  });

  test("an outcome still in memory goes out with the next intents", () => {
    const journal = openJournal(dir);
    journal.writeOutcome(outcome(1));
    journal.writeIntents([intent(2)]);
    expect(replayJournal(dir).outcomes).toHaveLength(1);
    journal.close();
  });

  test("a line cut short by the crash is ignored, the ones before it are not", () => {
    const journal = openJournal(dir);
    journal.writeIntents([intent(1)]);
    appendFileSync(join(dir, "00000001.log"), 'R{"partId":1,"seq":1,"att');
    expect(replayJournal(dir)).toMatchObject({ outcomes: [], inDoubt: [{ seq: 1 }] });
    journal.close();
  });

  test("committed and closed leaves nothing behind; a crash leaves the segment, and a new journal starts after it", async () => {
    const first = openJournal(dir);
    first.writeIntents([intent(1)]);
    first.writeOutcome(outcome(1));
    first.markCommitted([outcome(1)]);
    first.close();
    expect(readdirSync(dir)).toEqual([]);
    const crashed = openJournal(dir);
    crashed.writeIntents([intent(1)]);
    const next = openJournal(dir);
    expect(readdirSync(dir)).toEqual(["00000001.log", "00000002.log"]);
    next.close();
    crashed.close();
    clearJournal(dir);
    expect(readdirSync(dir)).toEqual([]);
  });
});
