/** Every address that copies go to or ever went to, in all spellings that mail may have it: for those who must not see them. */
import { parseAddress } from "../../core/address/parse-address.ts";
import type { Queryable } from "../../platform/db.ts";

/** Lower case. Archives that were removed and addresses that were changed are among them: their copies may still be looked at. */
export async function loadArchiveAddresses(db: Queryable): Promise<string[]> {
  const rows = await db.query<{ address: string }>(
    `select target ->> 'address' as address from archives where kind = 'smtp'
     union
     select jsonb_array_elements_text(jsonb_build_array(c -> 'from', c -> 'to'))
       from archive_events e cross join jsonb_array_elements(e.detail -> 'changes') c
      where c ->> 'field' = 'target.address'`,
  );
  const spellings = rows.flatMap(({ address }) => {
    const parsed = parseAddress(address);
    return parsed.kind === "valid" ? [address, parsed.address, parsed.envelope] : [address];
  });
  return [...new Set(spellings.map((spelling) => spelling.toLowerCase()))];
}
