import { appendFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTick } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { CopyIntent, CopyRecord } from "./copy-record.ts";
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

const copy = (seq: number, side: "part" | "debt" = "part"): CopyIntent => ({
  partId: 1,
  seq,
  archive: 1,
  side,
  epoch: 1,
  attempt: 1,
  dueSince: 0,
  at: 0,
  digest: "d",
  location: null,
});

const archived = (intended: CopyIntent): CopyRecord => ({
  ...intended,
  state: "archived",
  inDoubt: false,
  nextAt: null,
  reply: "250 taken",
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

  test("messages and their copies side by side: each is in doubt for itself", async () => {
    const journal = openJournal(dir);
    journal.writeIntents([copy(1), copy(2), intent(1), intent(2)]);
    journal.writeOutcome(archived(copy(1)));
    journal.writeOutcome(outcome(2));
    await nextTick();
    const replay = replayJournal(dir);
    expect(replay).toMatchObject({ outcomes: [{ seq: 2 }], inDoubt: [{ seq: 1 }] });
    expect(replay).toMatchObject({ copies: [{ seq: 1, state: "archived" }], copiesInDoubt: [{ seq: 2 }] });
    journal.markCommitted([archived(copy(1)), outcome(2)]);
    journal.close();
    expect(readdirSync(dir)).toHaveLength(1);
  });

  test("a copy in hand and the same copy as a debt are two attempts", async () => {
    const journal = openJournal(dir);
    journal.writeIntents([copy(1), copy(1, "debt")]);
    journal.writeOutcome(archived(copy(1, "debt")));
    await nextTick();
    expect(replayJournal(dir).copiesInDoubt).toEqual([copy(1)]);
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
