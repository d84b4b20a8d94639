/**
 * Fills the window with parts of the deliveries in progress: each has its share, and a delivery that has to wait says why. Single messages do
 * not wait for their turn: their carriers are filled by themselves, whenever one is told to have something due.
 */
import { weightOf } from "../core/delivery/priority.ts";
import type { Instant } from "../core/time.ts";
import { holdDelivery } from "../features/deliveries/index.ts";
import { ignoreBarred } from "../features/messages/index.ts";
import type { Db } from "../platform/db.ts";
import type { ArchiveWatch } from "./archive-watch.ts";
import type { CopyFirst } from "./copy-first.ts";
import type { Dispatch } from "./dispatch.ts";
import type { SendableDelivery } from "./sendable-delivery.ts";
import type { LoadSendable } from "./sendable-deliveries.ts";
import type { SourceBook } from "./source-book.ts";
import type { ActiveDelivery } from "./store.ts";
import { type Window, WINDOW } from "./window.ts";

export type LeasingOptions = {
  readonly db: Db;
  readonly window: Pick<Window, "hasRoom" | "lease">;
  readonly dispatch: Pick<Dispatch, "avoidedDomains">;
  readonly copyFirst: Pick<CopyFirst, "obstacle" | "holdReason">;
  readonly archives: Pick<ArchiveWatch, "obstacle">;
  readonly sources: Pick<SourceBook, "isOthers">;
  readonly sendable: LoadSendable;
  /** Those whose messages may leave now. */
  readonly active: () => readonly ActiveDelivery[];
  readonly isActive: (deliveryId: number) => boolean;
  readonly mayLease: () => boolean;
  readonly onError: (error: unknown) => void;
  readonly now: () => Instant;
};

export type Leasing = {
  /** Does nothing while it is at it. */
  fill(): Promise<void>;
  /** Single messages of this carrier are due, or have room now. */
  wake(carrierId: number): void;
  /** Why messages of a delivery wait, by its id. */
  readonly obstacles: ReadonlyMap<number, string>;
};

export function createLeasing(options: LeasingOptions): Leasing {
  const { window, copyFirst, isActive, now } = options;
  const obstacles = new Map<number, string>();
  let filling = false;
  /** Carriers that may have something due. */
  const woken = new Set<number>();
  let fillingSingles = false;

  async function fill(): Promise<void> {
    for (const { id, single, due } of options.active()) if (single && due) woken.add(id);
    void fillSingles();
    if (filling || !options.mayLease()) return;
    filling = true;
    try {
      await leaseShares();
    } catch (error) {
      options.onError(error);
    } finally {
      filling = false;
    }
  }

  /** Who is woken meanwhile has a turn too. */
  async function fillSingles(): Promise<void> {
    if (fillingSingles) return;
    fillingSingles = true;
    try {
      for (const id of woken) {
        woken.delete(id);
        const carrier = options.active().find((delivery) => delivery.id === id && delivery.single);
        if (!carrier || !options.mayLease()) continue;
        if (await lease(carrier, Number.POSITIVE_INFINITY)) woken.add(id);
      }
    } catch (error) {
      options.onError(error);
    } finally {
      fillingSingles = false;
    }
  }

  /** First each has its share of the window; what nobody needs is for those who have more to send. */
  async function leaseShares(): Promise<void> {
    const sending = options
      .active()
      .filter(({ single }) => !single)
      .map((delivery) => ({ delivery, weight: weightOf(delivery.priority) }))
      .sort((one, other) => other.weight - one.weight);
    const weights = sending.reduce((sum, { weight }) => sum + weight, 0);
    for (const { delivery, weight } of sending) await lease(delivery, (WINDOW * weight) / weights);
    for (const { delivery } of sending) await lease(delivery, Number.POSITIVE_INFINITY);
  }

  /** Leases parts of a delivery, up to `share` messages in memory. True: there may be more. */
  async function lease(delivery: ActiveDelivery, share: number): Promise<boolean> {
    if (!isActive(delivery.id) || !window.hasRoom(delivery.single)) return false;
    const loaded = await options.sendable(delivery);
    if (loaded?.kind === "unusable") await holdDelivery(options.db, delivery.id, loaded.reason, now());
    if (loaded?.kind !== "sendable") return false;
    const isOver = now() >= loaded.delivery.validUntil;
    const obstacle = isOver ? null : obstacleOf(loaded.delivery);
    const waitsFor = obstacle || copyFirst.holdReason(delivery.id);
    if (waitsFor) obstacles.set(delivery.id, waitsFor);
    else obstacles.delete(delivery.id);
    if (obstacle !== null) return false;
    // What waited for its time is looked at again.
    if (delivery.single) await ignoreBarred(options.db, delivery.id, now());
    const { wish } = loaded.delivery;
    const avoidDomains = isOver ? [] : options.dispatch.avoidedDomains(loaded.delivery);
    const isOthers = (partId: number) => !isOver && options.sources.isOthers(wish, partId);
    return window.lease(loaded.delivery, { avoidDomains, isOthers }, share);
  }

  /** Why messages of the delivery have to wait for its archive. */
  function obstacleOf(delivery: SendableDelivery): string | null {
    return delivery.archive === null ? null : (options.archives.obstacle() ?? copyFirst.obstacle(delivery));
  }

  return {
    fill,
    wake: (carrierId) => {
      woken.add(carrierId);
      void fillSingles();
    },
    obstacles,
  };
}
