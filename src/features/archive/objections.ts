/** What archives have against settings of the platform: mail to them would come back. */
import type { PlatformSettings } from "../../contract/index.ts";
import { parseAddress } from "../../core/address/parse-address.ts";
import type { Queryable } from "../../platform/db.ts";
import type { FieldError } from "../../platform/errors.ts";
import { loopOf } from "./check-smtp-target.ts";
import { hideAddresses } from "./hide-addresses.ts";
import { listArchives } from "./store.ts";

export async function loadObjections(db: Queryable): Promise<(settings: PlatformSettings) => FieldError[]> {
  const archives = await listArchives(db);
  return (settings) =>
    archives.flatMap(({ name, target }) => {
      const address = target.kind === "smtp" ? parseAddress(target.address) : null;
      const loop = address?.kind === "valid" ? loopOf(address, settings) : null;
      if (loop === null) return [];
      const message = `Copies for the archive "${hideAddresses(name)}" would come back to Envoi`;
      return [{ pointer: `/${loop.field}`, code: "loop", message }];
    });
}
