/** How many messages a delivery part has where nobody says so. */

/** Lease and commit cost the same for each part: larger ones cost less for each message (bench/README: parts of 1,000). */
const MOST = 1000;
/** A smaller part is not worth a lease of its own. */
const LEAST = 100;
/** So many parts let several senders work at a delivery that is not large. */
const SHARED_BY = 16;

export function partSizeFor(messages: number): number {
  return Math.min(MOST, Math.max(LEAST, Math.ceil(messages / SHARED_BY)));
}
