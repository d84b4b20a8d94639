/** Sources and pools as the API shows them. */
import type { PoolAnswer, SourceAnswer } from "../../contract/shaping.ts";
import { formatInstant } from "../../core/time.ts";
import type { PoolRow, SourceRow } from "./store.ts";

export function presentSource({ id, createdAt, updatedAt, ...source }: SourceRow): SourceAnswer {
  return { id: String(id), ...source, createdAt: formatInstant(createdAt), updatedAt: formatInstant(updatedAt) };
}

export function presentPool({ id, members, createdAt, updatedAt, ...pool }: PoolRow): PoolAnswer {
  return {
    id: String(id),
    ...pool,
    members: members.map(({ source, weight }) => ({ source: String(source), weight })),
    createdAt: formatInstant(createdAt),
    updatedAt: formatInstant(updatedAt),
  };
}
