/**
 * Copies of received mail for people: owed from the moment their mail is done with, tried for five days. With the null return path, so
 * that nobody is told when they do not arrive; what is given up says so in the list of mails.
 */
import { parseAddress, type ValidAddress } from "../../core/address/parse-address.ts";
import { DAY, HOUR, type Instant, MINUTE } from "../../core/time.ts";
import { storable, timestamp, type Db } from "../../platform/db.ts";
import { loadSettings } from "../settings/index.ts";
import { composeForward } from "./forward.ts";

/** `message`: each character is a byte. Never rejects for what a server does. */
export type SendMail = (mail: {
  readonly to: ValidAddress;
  readonly message: string;
}) => Promise<{ readonly ok: boolean; readonly detail: string }>;

type Deps = { readonly db: Db; readonly now: () => Instant; readonly sendMail: SendMail };

const GIVE_UP_AFTER = 5 * DAY;
const LEASE = 10 * MINUTE;
const LONGEST_PAUSE = 4 * HOUR;

type Owed = { id: number; raw: Buffer; forward_to: string[]; forward_attempts: number; processed_at: Instant };

/** All that is due; how many mails were tried. */
export async function forwardMails(deps: Deps, signal?: AbortSignal): Promise<number> {
  const { db, now } = deps;
  let count = 0;
  while (!signal?.aborted) {
    const [owed] = await db.query<Owed>(
      `update inbound_mails set forward_at = $2, forward_attempts = forward_attempts + 1
        where id = (select id from inbound_mails where forward_at <= $1 order by forward_at limit 1 for update skip locked)
        returning id, raw, forward_to, forward_attempts, processed_at`,
      [timestamp(now()), timestamp(now() + LEASE)],
    );
    if (!owed) break;
    count++;
    await forward(deps, owed);
  }
  return count;
}

async function forward({ db, now, sendMail }: Deps, owed: Owed): Promise<void> {
  const { errorAddress } = await loadSettings(db);
  const own = parseAddress(errorAddress);
  const left: string[] = [];
  let error: string | null = null;
  for (const address of owed.forward_to) {
    const to = parseAddress(address);
    if (to.kind !== "valid") continue;
    const from = own.kind === "valid" && !own.needsSmtpUtf8 ? own.envelope : to.envelope;
    const { ok, detail } = await sendMail({ to, message: composeForward(owed.raw, owed.id, from, to.envelope, now()) });
    if (ok) continue;
    left.push(address);
    error = storable(`${address}: ${detail}`, 1000);
  }
  const pause = Math.min(LONGEST_PAUSE, MINUTE * 2 ** Math.min(owed.forward_attempts, 10));
  const isOver = left.length === 0 || now() + pause > owed.processed_at + GIVE_UP_AFTER;
  await db.query("update inbound_mails set forward_to = $2, forward_at = $3, forward_error = $4 where id = $1", [
    owed.id,
    left,
    isOver ? null : timestamp(now() + pause),
    error,
  ]);
}
