/**
 * A page of the delivery log, filtered. A filter that hardly anything matches would have to open every part; instead a
 * page ends after a bounded number of rows looked at, with what it has and a cursor to go on from: pages may be short.
 */
import type { LogLine, Page } from "../../contract/index.ts";
import { formatKey, parseKey, type MessageKey } from "../../core/delivery/status.ts";
import { parseAddress } from "../../core/address/parse-address.ts";
import type { Db } from "../../platform/db.ts";
import { invalidCursor, toPage } from "../../platform/paging.ts";
import { presentLogLine, type MessageRow } from "./present.ts";
import { listMessages, listMessagesOfRecipient, listParts, type LogFilter, type PartRow } from "./store.ts";

/** Rows looked at before a page ends short: 40 to 50 ms, 150 ms at worst (bench live-queries). */
const SCAN_ROWS = 50_000;
/** Rows looked at in one statement: small at first, because most pages are full after one part. */
const FIRST_STEP_ROWS = 5_000;
const PARTS_AT_ONCE = 250;

const BEFORE_ALL: MessageKey = { partId: 0, seq: -1 };
/** After every message of a part: what a short page gives as its cursor. */
const LAST_SEQ = 999_999_999;

export type LogQuery = LogFilter & { readonly recipient?: string | undefined; readonly cursor?: string | undefined };

export async function listLog(db: Db, deliveryId: number, query: LogQuery, limit: number): Promise<Page<LogLine>> {
  const after = query.cursor === undefined ? BEFORE_ALL : parseKey(query.cursor);
  if (after === null) throw invalidCursor();
  if (query.recipient === undefined) return walkParts(db, deliveryId, query, after, limit);
  const address = parseAddress(query.recipient);
  if (address.kind !== "valid") return { data: [], nextCursor: null };
  if (query.domain && query.domain[0] !== address.domain) return { data: [], nextCursor: null };
  const rows = await listMessagesOfRecipient(db, deliveryId, address.matchKey, query, after, limit + 1);
  return toPage(rows.map(presentLogLine), limit, (last) => last.key);
}

async function walkParts(
  db: Db,
  deliveryId: number,
  filter: LogFilter,
  start: MessageKey,
  limit: number,
): Promise<Page<LogLine>> {
  const found: MessageRow[] = [];
  let after = start;
  // A short page's cursor stands behind its last part: that one is not looked at again.
  const firstPart = start.seq >= LAST_SEQ ? start.partId + 1 : start.partId;
  let parts = await listParts(db, deliveryId, filter, firstPart, PARTS_AT_ONCE);
  let exhausted = parts.length < PARTS_AT_ONCE;
  for (let looked = 0, step = FIRST_STEP_ROWS; ; step *= 4) {
    if (parts.length === 0 && !exhausted) {
      parts = await listParts(db, deliveryId, filter, after.partId + 1, PARTS_AT_ONCE);
      exhausted = parts.length < PARTS_AT_ONCE;
    }
    const chunk = takeRows(parts, Math.min(step, SCAN_ROWS - looked));
    const last = chunk.at(-1);
    if (last === undefined) return toPage(found.map(presentLogLine), limit, (line) => line.key);
    const ids = chunk.map((part) => part.id);
    found.push(...(await listMessages(db, ids, filter, after, limit + 1 - found.length)));
    if (found.length > limit) return toPage(found.map(presentLogLine), limit, (line) => line.key);
    parts = parts.slice(chunk.length);
    after = { partId: last.id, seq: LAST_SEQ };
    looked += chunk.reduce((sum, part) => sum + part.to_deliver, 0);
    const more = parts.length > 0 || !exhausted;
    if (more && looked >= SCAN_ROWS) return { data: found.map(presentLogLine), nextCursor: formatKey(after) };
  }
}

/** At least one part, and more as long as they hold no more rows than `rows` together. */
function takeRows(parts: readonly PartRow[], rows: number): PartRow[] {
  let sum = 0;
  const end = parts.findIndex((part) => (sum += part.to_deliver) > rows);
  return parts.slice(0, end === -1 ? parts.length : Math.max(1, end));
}
