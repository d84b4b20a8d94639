/** The queues of lanes: fair between deliveries for originals, first in first out for copies. */
import { createFairQueue } from "../core/delivery/fair-queue.ts";
import type { Instant } from "../core/time.ts";
import type { TaskQueue } from "./lane-stock.ts";
import type { SpeedGate } from "./speed-gate.ts";
import type { Task } from "./task.ts";

/** Single messages come first; deliveries share a lane by weight; those whose speed is used up let others pass. */
export function createTaskQueue(gate: SpeedGate, weightOf: (deliveryId: number) => number): TaskQueue<Task> {
  const queue = createFairQueue<Task>();
  const sizes = new Map<number, number>();
  const count = (delivery: number, difference: number) => {
    const size = (sizes.get(delivery) ?? 0) + difference;
    if (size > 0) sizes.set(delivery, size);
    else sizes.delete(delivery);
  };
  let blocked: Instant = Number.POSITIVE_INFINITY;
  return {
    add: (task) => {
      const delivery = task.part.lease.deliveryId;
      queue.add(task, { delivery, weight: weightOf(delivery), single: task.part.delivery.loadContent !== null });
      count(delivery, 1);
    },
    next: (now) => {
      blocked = Number.POSITIVE_INFINITY;
      const task = queue.next((delivery) => {
        const until = gate.wait(delivery, "entering", now);
        if (until !== null) blocked = Math.min(blocked, until);
        return until === null;
      });
      if (!task) return undefined;
      const delivery = task.part.lease.deliveryId;
      gate.take(delivery, "entering", now);
      count(delivery, -1);
      return task;
    },
    blockedUntil: () => blocked,
    remove: (match) => {
      const removed = queue.remove(match);
      for (const { part } of removed) count(part.lease.deliveryId, -1);
      return removed;
    },
    size: () => queue.size,
    sizeFor: ({ part }) => sizes.get(part.lease.deliveryId) ?? 0,
    sharers: () => sizes.size,
  };
}

export function createFifo<T>(): TaskQueue<T> {
  let tasks: T[] = [];
  return {
    add: (task) => void tasks.push(task),
    next: () => tasks.shift(),
    blockedUntil: () => Number.POSITIVE_INFINITY,
    remove: (match) => {
      // Each is asked about once: the question may do something, and bring further ones.
      const asked = tasks.splice(0);
      const out: T[] = [];
      const kept = asked.filter((task) => !match(task) || !out.push(task));
      tasks = [...kept, ...tasks];
      return out;
    },
    size: () => tasks.length,
    sizeFor: () => tasks.length,
    sharers: () => 1,
  };
}
