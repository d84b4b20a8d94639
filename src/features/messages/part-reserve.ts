/** Part ids for single messages, taken in dozens: to get one takes a lock that everybody shares, and may make partitions. */
import { HOUR, type Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { allocateParts } from "../analysis/index.ts";

const AT_ONCE = 24;
/** Unused ones of this age are left alone: newer messages belong into newer partitions. */
const KEPT_FOR = HOUR;

export type PartReserve = {
  take(count: number, now: Instant): Promise<number[]>;
  /** Those that were not used. */
  giveBack(ids: readonly number[]): void;
};

export function createPartReserve(db: Db): PartReserve {
  let ids: number[] = [];
  let until = 0;
  let filling: Promise<void> = Promise.resolve();

  async function fill(now: Instant): Promise<void> {
    const first = await allocateParts(db, AT_ONCE, now);
    ids.push(...Array.from({ length: AT_ONCE }, (_, index) => first + index));
    until = now + KEPT_FOR;
  }

  return {
    take: async (count, now) => {
      if (now >= until) ids = [];
      while (ids.length < count) {
        // One at a time: all who wait for the lock would fill.
        const turn = filling.then(() => (ids.length < count ? fill(now) : undefined));
        filling = turn.catch(() => {});
        await turn;
      }
      return ids.splice(0, count);
    },
    giveBack: (unused) => void ids.unshift(...unused),
  };
}
