/**
 * For whom the inbound role takes mail. Settings and token keys are remembered; only what they know is answered from memory, so that an
 * address that was made since, with other settings or a new key, is never refused by what was true before.
 */
import { readTag, type TokenKeys } from "../core/tracking/token.ts";
import type { PlatformSettings } from "../contract/index.ts";
import { isOurRecipient } from "../features/inbound/index.ts";
import { loadTokenKeys } from "../features/secrets/index.ts";
import { loadSettings } from "../features/settings/index.ts";
import type { Ground } from "./ground.ts";

/** What was taken out of the settings is taken for so long. */
const REMEMBERED_MS = 5000;

type Known = { readonly settings: PlatformSettings; readonly keys: TokenKeys; readonly at: number };

/** Rejects when it cannot be known now. */
export function createRecipientCheck({
  db,
  masterKey,
}: Pick<Ground, "db" | "masterKey">): (address: string) => Promise<boolean> {
  let known: Known | null = null;
  const isKnown = (address: string, { settings, keys }: Known) =>
    isOurRecipient(address, settings, (tag) => Promise.resolve(readTag(keys, tag)));
  return async (address) => {
    if (known !== null && performance.now() - known.at < REMEMBERED_MS && (await isKnown(address, known))) return true;
    known = { settings: await loadSettings(db), keys: await loadTokenKeys(db, masterKey), at: performance.now() };
    return isKnown(address, known);
  };
}
