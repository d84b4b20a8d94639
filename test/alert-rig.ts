/** Nothing outside the database gives a reason for an alert. */
import type { Surroundings } from "../src/features/alerts/index.ts";

export const NOTHING_AROUND: Surroundings = {
  freeBytes: () => Promise.resolve(null),
  certificate: () => Promise.resolve(null),
  dnsErrors: () => Promise.resolve([]),
};
