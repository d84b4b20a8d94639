/** The exact bytes of one message, made again from its row: the same function as at every attempt. */
import { parseKey } from "../core/delivery/status.ts";
import type { Db } from "../platform/db.ts";
import { appError } from "../platform/errors.ts";
import { makeMessage, type Crypto } from "./make-message.ts";
import { loadSendableDelivery, type ReadKey } from "./sendable-delivery.ts";

export async function renderSource(
  db: Db,
  key: string,
  { crypto, readKey }: { readonly crypto: Crypto; readonly readKey: ReadKey },
): Promise<Buffer> {
  const parsed = parseKey(key);
  const [row] = parsed
    ? await db.query<{ address: string; vars: Record<string, unknown>; delivery_id: number }>(
        `select m.address, m.vars, p.delivery_id from messages m join delivery_parts p on p.id = m.part_id
          where m.part_id = $1 and m.seq = $2 and p.id = $1`,
        [parsed.partId, parsed.seq],
      )
    : [];
  const sendable = row ? await loadSendableDelivery(db, row.delivery_id, readKey) : null;
  if (!row || !sendable) throw appError("not-found", { what: "message", id: key });
  if (sendable.kind === "unusable") throw appError("invalid-input", { detail: sendable.reason });
  const made = await makeMessage(crypto, sendable.delivery, key, row.address, row.vars);
  if (made.kind === "error")
    throw appError("invalid-input", { detail: `Message ${key} cannot be rendered: ${made.message}` });
  return Buffer.from(made.bytes, "latin1");
}
