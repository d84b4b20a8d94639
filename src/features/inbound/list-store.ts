/** The SQL of looking at mail that came in. */
import type { InboundMailEntry } from "../../contract/inbound.ts";
import { formatKey, type MessageKey } from "../../core/delivery/status.ts";
import { formatInstant, type Instant } from "../../core/time.ts";
import type { Queryable } from "../../platform/db.ts";

type Row = Pick<
  InboundMailEntry,
  | "source"
  | "recipient"
  | "size"
  | "state"
  | "error"
  | "kind"
  | "format"
  | "outcome"
  | "address"
  | "type"
  | "reason"
  | "rule"
> & {
  id: number;
  received_at: Instant;
  return_path: string | null;
  has_raw: boolean;
  part_id: number | null;
  seq: number | null;
  delivery_id: number | null;
  forward_to: string[];
  forward_error: string | null;
};

/** Null: any. */
export type MailFilter = {
  readonly before: number | null;
  readonly kind: string | null;
  readonly state: string | null;
  readonly outcome: string | null;
  readonly deliveryId: number | null;
  readonly message: MessageKey | null;
  readonly address: string | null;
};

const COLUMNS = `id, received_at, source, recipient, return_path, size, raw is not null as has_raw, state, error, kind, format,
            outcome, part_id, seq, delivery_id, address, type, reason, rule, forward_to, forward_error`;

export async function findMail(db: Queryable, id: number): Promise<InboundMailEntry | null> {
  const [row] = await db.query<Row>(`select ${COLUMNS} from inbound_mails where id = $1`, [id]);
  return row ? present(row) : null;
}

/** Newest first. */
export async function listMails(db: Queryable, filter: MailFilter, limit: number): Promise<InboundMailEntry[]> {
  const rows = await db.query<Row>(
    `select ${COLUMNS}
       from inbound_mails
      where ($1::bigint is null or id < $1) and ($2::text is null or kind = $2) and ($3::text is null or state = $3)
        and ($4::text is null or outcome = $4) and ($5::bigint is null or delivery_id = $5)
        and ($6::bigint is null or (part_id = $6 and seq = $7)) and ($8::text is null or lower(address) = lower($8))
      order by id desc limit $9`,
    [
      filter.before,
      filter.kind,
      filter.state,
      filter.outcome,
      filter.deliveryId,
      filter.message?.partId ?? null,
      filter.message?.seq ?? null,
      filter.address,
      limit,
    ],
  );
  return rows.map(present);
}

function present({ part_id: partId, seq, delivery_id: deliveryId, ...row }: Row): InboundMailEntry {
  return {
    id: String(row.id),
    receivedAt: formatInstant(row.received_at),
    source: row.source,
    recipient: row.recipient,
    returnPath: row.return_path,
    size: row.size,
    hasRaw: row.has_raw,
    state: row.state,
    error: row.error,
    kind: row.kind,
    format: row.format,
    outcome: row.outcome,
    messageKey: partId === null || seq === null ? null : formatKey({ partId, seq }),
    deliveryId: deliveryId === null ? null : String(deliveryId),
    address: row.address,
    type: row.type,
    reason: row.reason,
    rule: row.rule,
    forwardTo: row.forward_to,
    forwardError: row.forward_error,
  };
}

/** Null: it is gone, or is not kept any more. */
export async function findRaw(db: Queryable, id: number): Promise<Buffer | null> {
  const [row] = await db.query<{ raw: Buffer | null }>("select raw from inbound_mails where id = $1", [id]);
  return row?.raw ?? null;
}
