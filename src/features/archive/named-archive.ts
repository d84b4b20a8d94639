/** The archive of `--bcc ADDRESS`: the one that has the address already, else a new one that only deliveries get that name it. */
import { archiveSchema } from "../../contract/index.ts";
import { parseAddress } from "../../core/address/parse-address.ts";
import type { Instant } from "../../core/time.ts";
import type { Db, Tx } from "../../platform/db.ts";
import { fieldChanges, recordArchiveEvent } from "../../platform/archive-events.ts";
import { appError } from "../../platform/errors.ts";
import { checkArchive } from "./check-archive.ts";
import { insertArchive, listArchives, lockArchives } from "./store.ts";

/** A name of an archive has at most 100 characters. */
const MAX_NAME = 90;

/** Its id. Throws `invalid-input` for an address that is none, or whose mail would come back to Envoi. */
export async function ensureNamedArchive(db: Db, address: string, now: Instant): Promise<number> {
  const parsed = parseAddress(address);
  if (parsed.kind !== "valid") {
    const detail = parsed.kind === "empty" ? "The archive needs an address" : `The archive's address ${parsed.reason}`;
    throw appError("invalid-input", { detail }, [{ pointer: "address", code: "invalid-address", message: detail }]);
  }
  return db.transaction(async (tx) => {
    // Commands that start at once make one archive, not two.
    await lockArchives(tx);
    return (await findByKey(tx, parsed.matchKey)) ?? make(tx, parsed.address, now);
  });
}

/** One that is enabled first, and of those the oldest. */
async function findByKey(tx: Tx, matchKey: string): Promise<number | null> {
  const found = (await listArchives(tx)).filter(({ target }) => {
    const address = target.kind === "smtp" ? parseAddress(target.address) : null;
    return address?.kind === "valid" && address.matchKey === matchKey;
  });
  return (found.find(({ enabled }) => enabled) ?? found[0])?.id ?? null;
}

async function make(tx: Tx, address: string, now: Instant): Promise<number> {
  const short = address.slice(0, MAX_NAME);
  const input = archiveSchema.parse({ name: short, rule: { onlyNamed: true }, target: { kind: "smtp", address } });
  const { archive } = await checkArchive(tx, input, { known: null, dataDir: "" });
  for (let n = 1; ; n++) {
    const name = n === 1 ? short : `${short} (${n})`;
    const row = await insertArchive(tx, { ...archive, name }, now);
    if (row === null) continue;
    const changes = fieldChanges({}, { ...archive, name });
    await recordArchiveEvent(tx, { archive: row.id, kind: "created", actor: "cli", at: now, detail: { changes } });
    return row.id;
  }
}
