/** Hands owed notices over, each tried for three days. With the null return path: nobody is told when one does not arrive. */
import { parseAddress, type ValidAddress } from "../../core/address/parse-address.ts";
import { DAY, HOUR, MINUTE, type Instant } from "../../core/time.ts";
import { storable, timestamp, type Db } from "../../platform/db.ts";
import { loadSettings } from "../settings/index.ts";
import { composeNotice } from "./compose-notice.ts";
import { type NoticeSigning, signNotice } from "./sign-notice.ts";

export type NoticeDeps = {
  readonly db: Db;
  readonly now: () => Instant;
  readonly signing: NoticeSigning;
  /** `message`: each character is a byte. Never rejects for what a server does. */
  readonly sendMail: (mail: {
    readonly to: ValidAddress;
    readonly message: string;
  }) => Promise<{ readonly ok: boolean; readonly detail: string }>;
};

const GIVE_UP_AFTER = 3 * DAY;
const LEASE = 10 * MINUTE;
const LONGEST_PAUSE = 4 * HOUR;

type Owed = { id: number; at: Instant; address: string; subject: string; body: string; attempts: number };

/** All that is due; how many were tried. */
export async function sendNotices(deps: NoticeDeps, signal?: AbortSignal): Promise<number> {
  const { db, now } = deps;
  for (let count = 0; ; count++) {
    if (signal?.aborted) return count;
    const [owed] = await db.query<Owed>(
      `update notices set due_at = $2, attempts = attempts + 1
        where id = (select id from notices where due_at <= $1 order by due_at limit 1 for update skip locked)
        returning id, at, address, subject, body, attempts`,
      [timestamp(now()), timestamp(now() + LEASE)],
    );
    if (!owed) return count;
    await send(deps, owed);
  }
}

async function send({ db, now, signing, sendMail }: NoticeDeps, owed: Owed): Promise<void> {
  const { errorAddress, organisation } = await loadSettings(db);
  const to = parseAddress(owed.address);
  const own = parseAddress(errorAddress);
  if (to.kind !== "valid") return;
  // Without an address of its own it speaks in the name of whoever reads it.
  const sender = own.kind === "valid" && !own.needsSmtpUtf8 ? own : to;
  const { id, at, subject, body: text } = owed;
  // Those who subscribed somewhere know the organisation, not what it runs.
  const from = { name: organisation === "" ? "Envoi" : organisation, address: sender.envelope };
  const composed = composeNotice({ id, from, to: to.envelope, subject, text, at });
  const message = await signNotice(db, composed, sender.domain, at, signing);
  const { ok, detail } = await sendMail({ to, message });
  const pause = Math.min(LONGEST_PAUSE, MINUTE * 2 ** Math.min(owed.attempts, 10));
  const isOver = ok || now() + pause > at + GIVE_UP_AFTER;
  await db.query("update notices set due_at = $2, sent_at = $3, error = $4 where id = $1", [
    id,
    isOver ? null : timestamp(now() + pause),
    ok ? timestamp(now()) : null,
    ok ? null : storable(detail, 1000),
  ]);
}
