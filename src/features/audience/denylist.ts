/** Puts an address on the denylist: its owner said so. No import takes it off again, only its owner. */
import { parseAddress } from "../../core/address/parse-address.ts";
import type { Instant } from "../../core/time.ts";
import type { Queryable } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { insertDenylisted } from "./store.ts";

export async function denylist(
  db: Queryable,
  entry: { readonly address: string; readonly reason: string; readonly at: Instant },
): Promise<void> {
  const address = parseAddress(entry.address);
  if (address.kind !== "valid") {
    const why = address.kind === "empty" ? "is empty" : `${address.reason} (character ${address.at})`;
    throw appError("invalid-input", { detail: `The address ${why}.` });
  }
  await insertDenylisted(db, address, entry.reason, entry.at);
}
