/** Notices when the wall clock goes back; the steady clock does not. */
import { type Duration, SECOND } from "../core/time.ts";
import type { Clock } from "./clock.ts";

/** Less is what clocks do when they are set right a little. */
const JUMP_LEAST: Duration = 10 * SECOND;

/** Asked now and then: by how much the clock went back since it was asked last, 0 for next to nothing. */
export function createClockWatch({ now, steady }: Pick<Clock, "now" | "steady">): () => Duration {
  /** By so much the wall clock is ahead of the steady one. */
  let ahead = now() - steady();
  return () => {
    const wentBack = ahead - (now() - steady());
    if (Math.abs(wentBack) > JUMP_LEAST) ahead = now() - steady();
    return wentBack > JUMP_LEAST ? wentBack : 0;
  };
}
