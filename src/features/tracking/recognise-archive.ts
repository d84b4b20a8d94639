/** Whether a request comes from a copy in an archive, where that must be known at once: before something is done for a recipient. */
import type { FastifyRequest } from "fastify";

import type { MessageKey } from "../../core/delivery/status.ts";
import type { Instant } from "../../core/time.ts";
import type { ArchiveSignal } from "../../core/tracking/classify.ts";
import { judgeByTime } from "../../core/tracking/judge-by-time.ts";
import type { TokenMark } from "../../core/tracking/token.ts";
import type { Db } from "../../platform/db.ts";
import type { ArchiveReaders } from "./archive-readers.ts";
import { loadTimeFacts } from "./first-view-store.ts";
import { readVisitor } from "./visitor.ts";

/** Null: the token alone does not say. */
export function archiveByToken(mark: TokenMark): readonly ArchiveSignal[] | null {
  return mark === "copy" ? ["archive-token"] : null;
}

/** `request` null: it came by mail, of which only token and time can say anything. */
export async function recogniseArchive(
  db: Db,
  readers: ArchiveReaders,
  token: MessageKey & { readonly mark: TokenMark },
  request: FastifyRequest | null,
  now: Instant,
): Promise<readonly ArchiveSignal[]> {
  const byToken = archiveByToken(token.mark);
  if (byToken !== null) return byToken;
  await readers.refresh();
  const bySettings = request === null ? [] : readers.find(readVisitor(request, null, false));
  if (bySettings.length > 0) return bySettings;
  const [facts] = (await loadTimeFacts(db, [token])).values();
  return facts !== undefined && judgeByTime({ ...facts, at: now }) === "copy" ? ["archive-time"] : [];
}
