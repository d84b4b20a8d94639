/** A lane against simulated servers: seeded worlds, fake clock. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { ACCEPTED, laneIn, REFUSED, taskOf } from "../../test/lane-rig.ts";
import { HOUR } from "../core/time.ts";

describe("lane", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("sends everything within its connections and messages per connection", async () => {
    const { lane, seen, settled } = laneIn({ comesUp: () => true, replyMs: 20 });
    for (let seq = 0; seq < 100; seq++) lane.add(taskOf(seq));
    lane.pump();
    await vi.advanceTimersByTimeAsync(10_000);
    // The sender looks at its lanes now and then; connections without work close.
    lane.pump();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(new Set(settled.map(({ seq }) => seq)).size).toBe(100);
    expect(settled).toHaveLength(100);
    expect(seen.maxOpen).toBe(3);
    expect(Math.max(...seen.perConnection)).toBe(10);
    expect(lane.isIdle()).toBe(true);
  });

  test("a limit per hour holds in every window, and the lane says when it has room", async () => {
    const limits = { connections: 3, messagesPerConnection: 100, messagesPerHour: 600 };
    const { lane, seen } = laneIn({ comesUp: () => true, replyMs: 1 }, { limits });
    const answers = Array.from({ length: 20 }, (_, seq) => lane.add(taskOf(seq)).kind);
    expect(answers.filter((kind) => kind === "queued")).toHaveLength(5);
    lane.pump();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(seen.sentAt).toHaveLength(5);
    for (let i = 1; i < seen.sentAt.length; i++) {
      expect((seen.sentAt[i] ?? 0) - (seen.sentAt[i - 1] ?? 0)).toBeGreaterThanOrEqual(HOUR / 600 - 1);
    }
  });

  test("a site that gives no session: all waiting messages are told so, then it rests", async () => {
    const { lane, seen, settled } = laneIn({ comesUp: () => false, replyMs: 1 });
    for (let seq = 0; seq < 50; seq++) lane.add(taskOf(seq));
    lane.pump();
    await vi.advanceTimersByTimeAsync(1000);
    expect(settled.filter(({ outcome }) => outcome === REFUSED)).toHaveLength(50);
    expect(lane.add(taskOf(99))).toEqual({ kind: "later", until: lane.suspendedUntil() });
    expect(lane.suspendedUntil() - Date.now()).toBeGreaterThan(28_000);
    expect(seen.attempts).toBeLessThanOrEqual(3);
  });

  test("a refused connection beside working ones lowers the number and charges nobody", async () => {
    const { lane, seen, settled } = laneIn({ comesUp: (attempt) => attempt < 1, replyMs: 50 });
    for (let seq = 0; seq < 9; seq++) lane.add(taskOf(seq));
    lane.pump();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(settled.every(({ outcome }) => outcome === ACCEPTED)).toBe(true);
    expect(settled).toHaveLength(9);
    expect(seen.maxOpen).toBeLessThanOrEqual(3);
  });

  test("with enough prepared elsewhere it keeps two in stock and still sends everything", async () => {
    let stock = 0;
    let most = 0;
    const { lane, settled } = laneIn(
      { comesUp: () => true, replyMs: 20 },
      {
        mayPrepareMore: () => false,
        onStockChange: (difference) => {
          stock += difference;
          most = Math.max(most, stock);
        },
      },
    );
    for (let seq = 0; seq < 100; seq++) lane.add(taskOf(seq));
    lane.pump();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(settled).toHaveLength(100);
    expect([most, stock]).toEqual([2, 0]);
  });

  test("closing hands back what waits and what is being prepared", async () => {
    const back: number[] = [];
    const { lane, seen } = laneIn(
      { comesUp: () => true, replyMs: 10 },
      { postpone: (task) => void back.push(task.seq) },
    );
    for (let seq = 0; seq < 20; seq++) lane.add(taskOf(seq));
    lane.pump();
    lane.close();
    await vi.advanceTimersByTimeAsync(1000);
    expect(back.length + seen.sentAt.length).toBe(20);
    expect(seen.open).toBe(0);
  });

  test("in any world every message has one end and no limit is passed", async () => {
    const worlds = fc.record({
      up: fc.array(fc.boolean(), { minLength: 1, maxLength: 10 }),
      replyMs: fc.integer({ min: 1, max: 3000 }),
      connections: fc.integer({ min: 1, max: 5 }),
      messagesPerConnection: fc.integer({ min: 1, max: 7 }),
      messages: fc.integer({ min: 1, max: 60 }),
    });
    await fc.assert(
      fc.asyncProperty(worlds, async ({ up, replyMs, connections, messagesPerConnection, messages }) => {
        const { lane, seen, settled } = laneIn(
          { comesUp: (attempt) => up[attempt % up.length] ?? true, replyMs },
          { limits: { connections, messagesPerConnection, messagesPerHour: null } },
        );
        let waiting = Array.from({ length: messages }, (_, seq) => seq);
        for (let round = 0; round < 50 && settled.length < messages; round++) {
          waiting = waiting.filter((seq) => lane.add(taskOf(seq)).kind === "later");
          lane.pump();
          await vi.advanceTimersByTimeAsync(20 * 60_000);
        }
        expect(settled.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(
          Array.from({ length: messages }, (_, i) => i),
        );
        expect(seen.maxOpen).toBeLessThanOrEqual(connections);
        expect(Math.max(0, ...seen.perConnection)).toBeLessThanOrEqual(messagesPerConnection);
      }),
      { numRuns: 60 },
    );
  });
});
