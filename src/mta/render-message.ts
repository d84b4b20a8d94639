/** One message made again from its row, by the function that makes it at every attempt: its bytes, or its parts to look at. */
import type { CopyKind } from "../core/archive/archive.ts";
import { formatKey, type MessageKey } from "../core/delivery/status.ts";
import { renderParts, type ComposeError, type RenderedParts } from "../core/message/compose-message.ts";
import type { Instant } from "../core/time.ts";
import type { TokenMark } from "../core/tracking/token.ts";
import type { Db } from "../platform/db.ts";
import { ERASED_ADDRESS } from "../features/audience/index.ts";
import { appError } from "../platform/errors.ts";
import { factsOf, makeMessage, type Crypto, type MadeBytes } from "./make-message.ts";
import { seenBySingle } from "./single-content.ts";
import { loadSendableDelivery, type Sendable, type SendableDelivery, type SendableDeps } from "./sendable-delivery.ts";

export type Source = {
  readonly bytes: Buffer;
  /** Whether these are the bytes of the first attempt; `none` before it. */
  readonly digest: "match" | "differs" | "none";
};

type Row = {
  address: string;
  vars: Record<string, unknown>;
  delivery_id: number;
  digest: Buffer | null;
  started_at: Instant | null;
};

export type Renderer = {
  /** Null when there is no such message. */
  source(key: MessageKey): Promise<Source | null>;
  /** The bytes of the message's copies. Null when there is no such message. */
  copy(key: MessageKey, kind: CopyKind): Promise<Buffer | null>;
  /** `mark`: of the tokens in it; only `live` ones count. Null when there is no such message. */
  parts(key: MessageKey, mark: TokenMark): Promise<RenderedParts | ComposeError | null>;
};

/** Deliveries whose compiled content is kept: what is in progress or over does not change any more. */
const KEPT = 50;

export function createRenderer(db: Db, deps: SendableDeps & { readonly crypto: Crypto }): Renderer {
  const kept = new Map<string, Promise<Sendable | null>>();

  function sendable(row: Row): Promise<Sendable | null> {
    if (row.started_at === null) return loadSendableDelivery(db, row.delivery_id, deps);
    const key = `${row.delivery_id}/${row.started_at}`;
    const known = kept.get(key) ?? loadSendableDelivery(db, row.delivery_id, deps);
    kept.delete(key);
    kept.set(key, known);
    known.catch(() => kept.delete(key));
    if (kept.size > KEPT) kept.delete(kept.keys().next().value ?? "");
    return known;
  }

  async function load(key: MessageKey): Promise<{ row: Row; delivery: SendableDelivery } | null> {
    const [row] = await db.query<Row>(
      `select m.address, m.vars, m.digest, p.delivery_id, d.started_at
         from messages m join delivery_parts p on p.id = m.part_id join deliveries d on d.id = p.delivery_id
        where m.part_id = $1 and m.seq = $2 and p.id = $1`,
      [key.partId, key.seq],
    );
    // Of an erased recipient there is nothing left that the message could be made of.
    if (!row || row.address === ERASED_ADDRESS) return null;
    const loaded = await sendable(row);
    if (!loaded) return null;
    if (loaded.kind === "unusable") throw appError("invalid-input", { detail: loaded.reason });
    return { row, delivery: loaded.delivery };
  }

  async function make(key: MessageKey, delivery: SendableDelivery, row: Row): Promise<MadeBytes> {
    const made = await makeMessage(deps.crypto, delivery, key, row.address, row.vars);
    if (made.kind === "made") return made;
    throw appError("invalid-input", { detail: `Message ${formatKey(key)} cannot be rendered: ${made.message}` });
  }

  return {
    copy: async (key, kind) => {
      const found = await load(key);
      if (found === null) return null;
      const { row, delivery } = found;
      const mark = kind === "inert" ? "copy" : delivery.tokens.mark;
      const made = await make(key, { ...delivery, tokens: { ...delivery.tokens, mark } }, row);
      return Buffer.from(made.bytes);
    },
    source: async (key) => {
      const found = await load(key);
      if (found === null) return null;
      const { row, delivery } = found;
      const made = await make(key, delivery, row);
      const same = row.digest?.toString("base64") === made.digest;
      const digest = row.digest === null ? "none" : same ? "match" : "differs";
      return { bytes: Buffer.from(made.bytes), digest };
    },
    parts: async (key, mark) => {
      const found = await load(key);
      if (found === null) return null;
      const { address, vars } = found.row;
      const seen = await seenBySingle(found.delivery, vars);
      const delivery = { ...seen, tokens: { ...seen.tokens, mark } };
      return renderParts(delivery.content, { ...vars, email: address }, factsOf(delivery, key, address));
    },
  };
}
