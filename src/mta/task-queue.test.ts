/** Whose turn it is in a lane. */
import { describe, expect, test } from "vitest";

import { SECOND } from "../core/time.ts";
import { holdPart } from "./held-part.ts";
import type { SendableDelivery } from "./sendable-delivery.ts";
import { createSpeedGate } from "./speed-gate.ts";
import type { Task } from "./task.ts";
import { createFifo, createTaskQueue } from "./task-queue.ts";

const partOf = (deliveryId: number, loadContent: SendableDelivery["loadContent"] = null) =>
  holdPart({ partId: deliveryId, deliveryId, domain: null, epoch: 1, takenOver: false }, {
    loadContent,
  } as SendableDelivery);
const taskOf = (deliveryId: number, seq: number) => ({ part: partOf(deliveryId), seq }) as Task;

function fill(weights: Readonly<Record<number, number>>, speeds: Readonly<Record<number, number>> = {}) {
  const gate = createSpeedGate((id) => speeds[id] ?? null);
  const queue = createTaskQueue(gate, (id) => weights[id] ?? 1);
  for (const id of Object.keys(weights)) for (let seq = 0; seq < 100; seq++) queue.add(taskOf(Number(id), seq));
  return queue;
}
const served = (queue: ReturnType<typeof fill>, count: number, now: number) =>
  Array.from({ length: count }, () => queue.next(now)?.part.lease.deliveryId);

describe("originals", () => {
  test("deliveries that wait together leave by their weights", () => {
    const order = served(fill({ 1: 4, 2: 1 }), 50, 0);
    expect(order.filter((id) => id === 1)).toHaveLength(40);
  });

  test("single messages leave before all others, however late they come and whatever the weights", () => {
    const queue = fill({ 1: 16, 2: 1 });
    served(queue, 20, 0);
    const part = partOf(3, () => Promise.reject(new Error("nobody asks")));
    for (let seq = 0; seq < 3; seq++) queue.add({ part, seq } as Task);
    expect(served(queue, 4, 0)).toEqual([3, 3, 3, 1]);
  });

  test("a delivery whose speed is used up lets others pass, and says until when", () => {
    const queue = fill({ 1: 16, 2: 1 }, { 1: 3600 });
    // Who begins has saved nothing up.
    expect(served(queue, 1, 0)).toEqual([2]);
    expect(served(queue, 3, SECOND)).toEqual([1, 2, 2]);
    expect(served(queue, 98, SECOND).filter((id) => id === 2)).toHaveLength(97);
    expect(queue.next(SECOND)).toBeUndefined();
    expect([queue.blockedUntil(SECOND), queue.size()]).toEqual([2 * SECOND, 99]);
    expect(queue.next(2 * SECOND)?.part.lease.deliveryId).toBe(1);
  });

  test("with nobody there nothing is blocked", () => {
    const queue = fill({});
    expect([queue.next(0), queue.blockedUntil(0)]).toEqual([undefined, Number.POSITIVE_INFINITY]);
  });

  test("what is taken out is counted out, for its delivery too", () => {
    const queue = fill({ 1: 1, 2: 1 });
    expect(queue.remove(({ seq }) => seq % 2 === 0)).toHaveLength(100);
    expect([queue.size(), queue.sizeFor(taskOf(1, 0)), queue.sharers()]).toEqual([100, 50, 2]);
    queue.remove(({ part }) => part.lease.deliveryId === 1);
    expect([queue.size(), queue.sizeFor(taskOf(1, 0)), queue.sharers()]).toEqual([50, 0, 1]);
  });
});

describe("first in, first out", () => {
  test("each is asked about once, and what comes meanwhile stays", () => {
    const queue = createFifo<number>();
    for (let i = 0; i < 4; i++) queue.add(i);
    const asked: number[] = [];
    const removed = queue.remove((i) => {
      asked.push(i);
      if (i === 0) queue.add(9);
      return i % 2 === 0;
    });
    expect([asked, removed]).toEqual([
      [0, 1, 2, 3],
      [0, 2],
    ]);
    expect([queue.next(0), queue.next(0), queue.next(0), queue.size()]).toEqual([1, 3, 9, 0]);
  });
});
