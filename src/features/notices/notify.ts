/**
 * Asks for a mail to people who run Envoi. It is owed from the moment in which the transaction commits that had a reason for it, and it
 * goes past deliveries and senders: it may have to say that those stand still.
 */
import { parseAddress } from "../../core/address/parse-address.ts";
import type { Instant } from "../../core/time.ts";
import { storable, timestamp, type Queryable } from "../../platform/db.ts";
import { NOTICE_CHANNEL } from "../../platform/events.ts";

export type Notice = {
  /** Addresses; one that is none is left out, and each gets a mail of its own once. */
  readonly to: readonly string[];
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
};

const SUBJECT_MAX = 500;
const TEXT_MAX = 100_000;

/** How many mails are owed now. They leave within seconds of the commit. */
export async function notify(tx: Queryable, { to, subject, text }: Notice, now: Instant): Promise<number> {
  const addresses = new Map<string, string>();
  for (const given of to) {
    const parsed = parseAddress(given);
    if (parsed.kind === "valid") addresses.set(parsed.matchKey, parsed.address);
  }
  if (addresses.size === 0) return 0;
  await tx.query(
    `insert into notices (at, address, subject, body, due_at)
     select $1, address, $3, $4, $1 from unnest($2::text[]) as t(address)`,
    [timestamp(now), [...addresses.values()], storable(subject, SUBJECT_MAX), storable(text, TEXT_MAX)],
  );
  await tx.query("select pg_notify($1, '')", [NOTICE_CHANNEL]);
  return addresses.size;
}
