/**
 * A page of the ledger, filtered. Counters of parts tell where it is worth looking; where a filter by archive hardly matches, a page ends
 * after a bounded number of parts with what it has and a cursor to go on from: pages may be short.
 */
import type { Copy, Page } from "../../contract/index.ts";
import { formatKey, parseKey } from "../../core/delivery/status.ts";
import { formatInstant } from "../../core/time.ts";
import type { Queryable } from "../../platform/db.ts";
import { invalidCursor } from "../../platform/paging.ts";
import { type CopyCursor, type CopyFilter, type CopyRow, listCopiesOf, listCopyParts } from "./ledger-store.ts";

/** Small at first, because most pages are full after one part. */
const FIRST_PARTS = 5;
const PARTS_AT_ONCE = 100;
const PARTS_PER_PAGE = 1000;

const BEFORE_ALL: CopyCursor = { partId: 0, seq: -1, archive: -1 };
/** Behind every copy of a part. */
const LAST = { seq: 999_999_999, archive: 32_767 };

export async function listCopies(
  db: Queryable,
  filter: CopyFilter,
  cursor: string | undefined,
  limit: number,
): Promise<Page<Copy>> {
  const found: CopyRow[] = [];
  let after = readCursor(cursor);
  for (let looked = 0, step = FIRST_PARTS; ; step = PARTS_AT_ONCE) {
    const parts = await listCopyParts(db, filter, after.seq === LAST.seq ? after.partId + 1 : after.partId, step);
    const last = parts.at(-1);
    if (last === undefined) return { data: found.map(presentCopy), nextCursor: null };
    found.push(...(await listCopiesOf(db, parts, filter, after, limit + 1 - found.length)));
    const end = found[limit - 1];
    if (found.length > limit && end) return pageUpTo(found.slice(0, limit), end);
    if (parts.length < step) return { data: found.map(presentCopy), nextCursor: null };
    after = { partId: last, ...LAST };
    looked += parts.length;
    if (looked >= PARTS_PER_PAGE) return { data: found.map(presentCopy), nextCursor: formatCursor(after) };
  }
}

function pageUpTo(rows: readonly CopyRow[], end: CopyRow): Page<Copy> {
  const cursor = { partId: end.part_id, seq: end.seq, archive: end.archive };
  return { data: rows.map(presentCopy), nextCursor: formatCursor(cursor) };
}

function formatCursor({ archive, ...key }: CopyCursor): string {
  return `${formatKey(key)}-${archive}`;
}

function readCursor(text: string | undefined): CopyCursor {
  if (text === undefined) return BEFORE_ALL;
  const match = /^(\d+-\d+)-(\d{1,5})$/.exec(text);
  const key = parseKey(match?.[1] ?? "");
  if (key === null || Number(match?.[2]) > LAST.archive) throw invalidCursor();
  return { ...key, archive: Number(match?.[2]) };
}

function presentCopy(row: CopyRow): Copy {
  return {
    key: formatKey({ partId: row.part_id, seq: row.seq }),
    deliveryId: String(row.delivery_id),
    archiveId: String(row.archive),
    archiveName: row.name,
    state: row.state,
    attempts: row.attempts,
    inDoubt: row.in_doubt,
    dueSince: formatInstant(row.due_since),
    nextAttemptAt: row.next_attempt_at === null ? null : formatInstant(row.next_attempt_at),
    archivedAt: row.archived_at === null ? null : formatInstant(row.archived_at),
    reply: row.reply,
    digest: row.digest?.toString("hex") ?? null,
    inert: row.inert,
    location: row.location,
    seed: row.seed,
  };
}
