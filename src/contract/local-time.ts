/** How dates and times by the clocks of a zone are read: the same on the server and on the screens. */
export { formatLocal, instantsOf, type OffsetAt } from "../core/delivery/schedule.ts";
export { readDateTime } from "../core/time.ts";
