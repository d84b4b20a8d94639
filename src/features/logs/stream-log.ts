/**
 * The whole log of a delivery, line by line, for export: reads page after page by key, so memory stays flat and no long
 * transaction keeps PostgreSQL from cleaning up behind the senders.
 */
import type { LogLine } from "../../contract/index.ts";
import type { Db } from "../../platform/db.ts";
import { listLog } from "./list-log.ts";

const PAGE = 5000;

export async function streamLog(
  db: Db,
  deliveryId: number,
  onLine: (line: LogLine) => void | Promise<void>,
): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await listLog(db, deliveryId, { cursor }, PAGE);
    for (const line of page.data) await onLine(line);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
