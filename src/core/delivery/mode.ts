/** How far a delivery goes. In the modes for safety nobody receives anything, and what the log says must not look as if. */

/** `test-smtp`: every recipient as far as RCPT, then RSET; `verify`: made and signed, no network. */
export type DeliveryMode = "live" | "test-smtp" | "verify";

/** Deliveries from before there were modes have none. */
export function readMode(stored: DeliveryMode | undefined): DeliveryMode {
  return stored ?? "live";
}

/** What an attempt that went as far as it should is in the log. */
export const AS_FAR_AS_IT_SHOULD = { live: "accepted", "test-smtp": "tested", verify: "verified" } as const;
