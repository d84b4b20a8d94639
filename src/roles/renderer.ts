/** Makes messages again for those who look at them: the web role and the command line. */
import { codec } from "../adapters/charset/codec.ts";
import { readSigningKey, sha256Base64, sign } from "../adapters/crypto/crypto.ts";
import { createRenderer, type Renderer } from "../mta/index.ts";
import type { Ground } from "./ground.ts";

export function groundRenderer({ db, masterKey }: Pick<Ground, "db" | "masterKey">): Renderer {
  return createRenderer(db, { crypto: { sha256Base64, sign }, readKey: readSigningKey, codec, masterKey });
}
