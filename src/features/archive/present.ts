/** Archives as the API shows them: without secrets, and without addresses for those who may not see them. */
import type { Archive } from "../../contract/index.ts";
import { formatInstant } from "../../core/time.ts";
import { hideAddressesIn } from "./hide-addresses.ts";
import type { ArchiveRow } from "./store.ts";

export function presentArchive(row: ArchiveRow, maySee: boolean): Archive {
  const archive: Archive = {
    id: String(row.id),
    name: row.name,
    enabled: row.enabled,
    rule: row.rule,
    target: row.target,
    hasSecret: row.sealed_secret !== null,
    version: row.version,
    createdAt: formatInstant(row.created_at),
    updatedAt: formatInstant(row.updated_at),
  };
  if (maySee) return archive;
  const hidden = hideAddressesIn(archive);
  return hidden.target.kind === "smtp" ? { ...hidden, target: { ...hidden.target, address: null } } : hidden;
}
