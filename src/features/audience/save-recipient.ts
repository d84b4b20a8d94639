/** One recipient by hand: new, or attributes merged into the profile that has the address already. */
import type { Recipient } from "../../contract/index.ts";
import { parseAddress } from "../../core/address/parse-address.ts";
import type { Instant } from "../../core/time.ts";
import { timestamp, type Queryable } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { presentRecipient, RECIPIENT_COLUMNS, type RecipientRow } from "./store.ts";

type Input = { readonly address: string; readonly attributes: Readonly<Record<string, string | number | boolean>> };

/** Never takes anybody off the denylist. */
export async function saveRecipient(
  db: Queryable,
  input: Input,
  now: Instant,
): Promise<{ recipient: Recipient; created: boolean }> {
  const address = parseAddress(input.address);
  if (address.kind !== "valid") {
    const message = address.kind === "empty" ? "An address is needed" : `The address ${address.reason}`;
    throw appError("invalid-input", { detail: message }, [{ pointer: "/address", code: "invalid-address", message }]);
  }
  const [row] = await db.query<RecipientRow & { created: boolean }>(
    `insert into recipients as r (address, match_key, domain, attributes, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $5)
     on conflict (match_key) do update
        set address = excluded.address, attributes = r.attributes || excluded.attributes, updated_at = excluded.updated_at
     returning ${RECIPIENT_COLUMNS}, xmax = 0 as created`,
    [address.address, address.matchKey, address.domain, JSON.stringify(input.attributes), timestamp(now)],
  );
  const { created, ...recipient } = row as RecipientRow & { created: boolean };
  return { recipient: presentRecipient(recipient), created };
}
