/**
 * Takes back a single message that waits: for its time, for a sender, or for a retry. What a sender has in its hands cannot be taken back:
 * it may be on the wire.
 */
import { parseAddress } from "../../core/address/parse-address.ts";
import { formatKey, type MessageKey, type MessageStatus } from "../../core/delivery/status.ts";
import { type Duration, type Instant, SECOND } from "../../core/time.ts";
import { timestamp, type Db, type Tx } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { withdrawCopies } from "../deliveries/index.ts";

/** Senders' clocks may be ahead by as much. */
const AHEAD: Duration = 10 * SECOND;

type Row = {
  delivery_id: number;
  owner: string | null;
  address: string;
  status: MessageStatus;
  relayed: boolean;
  next_attempt_at: Instant | null;
};

/** Throws `not-found`, `message-not-waiting`. */
export function cancelMessage(db: Db, key: MessageKey, now: Instant): Promise<void> {
  return db.transaction(async (tx) => {
    const row = await lockMessage(tx, key);
    const id = formatKey(key);
    if (!row) throw appError("not-found", { what: "message", id });
    if (row.status === "cancelled") return;
    const refuse = (currentState: string) => appError("message-not-waiting", { id, currentState });
    if (row.status !== "pending" && row.status !== "taken-into-account") throw refuse(row.status);
    if (row.relayed) throw refuse("with a relay");
    // A sender only has what is due.
    const isLater = row.next_attempt_at !== null && row.next_attempt_at > now + AHEAD;
    if (row.owner !== null && !isLater) throw refuse("on its way");
    await cancel(tx, key, row, now);
  });
}

/** The part is locked first, as by those who lease and who commit. */
async function lockMessage(tx: Tx, { partId, seq }: MessageKey): Promise<Row | null> {
  await tx.query("select 1 from delivery_parts where id = $1 for update", [partId]);
  const [row] = await tx.query<Row>(
    `select p.delivery_id, p.owner, m.address, m.status, m.relayed, m.next_attempt_at
       from single_messages s join messages m on m.part_id = s.part_id and m.seq = s.seq join delivery_parts p on p.id = s.part_id
      where s.part_id = $1 and s.seq = $2 and m.part_id = $1 for update of m`,
    [partId, seq],
  );
  return row ?? null;
}

async function cancel(tx: Tx, { partId, seq }: MessageKey, row: Row, now: Instant): Promise<void> {
  const counter = row.status === "pending" ? "pending" : "retrying";
  await tx.query(
    "update messages set status = 'cancelled', final_at = $3, next_attempt_at = null where part_id = $1 and seq = $2",
    [partId, seq, timestamp(now)],
  );
  await tx.query(
    `update delivery_parts set ${counter} = ${counter} - 1, cancelled = cancelled + 1,
            due_at = case when owner is null and pending + retrying = 1 then null else due_at end
      where id = $1`,
    [partId],
  );
  if (counter === "retrying") await countOut(tx, row);
  await withdrawCopies(tx, row.delivery_id, [partId]);
}

/** No longer retrying at its destination. */
async function countOut(tx: Tx, { delivery_id: id, address }: Row): Promise<void> {
  const parsed = parseAddress(address);
  await tx.query(
    `insert into destination_counters as c (delivery_id, domain, sender, retrying) values ($1, $2, '', -1)
     on conflict (delivery_id, domain, sender) do update set retrying = c.retrying - 1`,
    [id, parsed.kind === "valid" ? parsed.domain : ""],
  );
}
