/** What the book drives: the sending side of one process, the real one (dispatch-engine.ts) or one that is wrong on purpose (naive-engine.ts). */
import type { ShapingEvent } from "../../src/core/shaping/restriction.ts";
import type { MxRule } from "../../src/core/shaping/rule.ts";
import type { Instant } from "../../src/core/time.ts";
import type { HeldPart } from "../../src/mta/held-part.ts";
import type { Intent } from "../../src/mta/journal.ts";
import type { OutcomeRecord } from "../../src/mta/outcome-record.ts";
import type { Resolver } from "../../src/mta/routing.ts";
import type { SendableDelivery } from "../../src/mta/sendable-delivery.ts";
import type { OpenSession } from "../../src/mta/session-port.ts";
import type { WaitingMessage } from "../../src/mta/store.ts";
import type { PreparedMessage } from "../../src/mta/task.ts";
import type { SimTimers } from "./clock.ts";
import type { World } from "./world.ts";

export type EngineOptions = {
  readonly world: World;
  /** In force now: some may have been changed since the world began. */
  readonly rules: readonly MxRule[];
  readonly timers: SimTimers;
  /** The machine's clock; it may jump. */
  readonly now: () => Instant;
  /** Begins as the machine's clock and never jumps. */
  readonly steady: () => Instant;
  readonly random: () => number;
  readonly openSession: OpenSession;
  readonly resolver: Resolver;
  readonly isActive: (deliveryId: number) => boolean;
  readonly onRecord: (record: OutcomeRecord) => void;
  readonly onMoved: (part: HeldPart) => void;
  /** What was refused as unknown there since then is nobody's fault. */
  readonly onOutage: (provider: string, since: Instant) => void;
  /** For the log. */
  readonly onShaping: (event: ShapingEvent) => void;
  readonly onHold: (deliveryId: number, reason: string) => void;
  /** What the engine before this one saved (JSON); null: there was none. */
  readonly saved: unknown;
  /** Something is to be kept over restarts (JSON). */
  readonly save: (state: unknown) => void;
};

export type Engine = {
  start(part: HeldPart, message: WaitingMessage): void;
  recall(part: HeldPart): void;
  pump(): void;
  /** An operator changed MX rules. */
  useRules(rules: readonly MxRule[]): void;
  intentOf(message: PreparedMessage): Intent;
  avoidedDomains(delivery: SendableDelivery): string[];
  /** What was put off may be tried again at once. */
  forgetAvoided(): void;
  /** Messages in hand that do not move: they take up nobody's room. */
  standing(): number;
  close(): Promise<void>;
};

/** Local address of a source of the world, and back: sessions are told addresses. */
export function addressOf(world: World, source: string): string {
  return `192.0.2.${200 + world.sources.indexOf(source)}`;
}

export function sourceAt(world: World, address: string | null): string {
  return world.sources.find((source) => addressOf(world, source) === address) ?? "default";
}

export type StartEngine = (options: EngineOptions) => Engine;
