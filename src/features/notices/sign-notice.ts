/**
 * Signs a notice with the keys of the domain that it comes from, as all mail (RFC 6376): else it would be the one mail of that domain that its DMARC
 * policy throws away. A notice that cannot be signed goes unsigned: it may be what says that keys cannot be read.
 */
import type { KeyObject } from "node:crypto";

import { finishSignature, prepareSigning, type SigningAlgorithm } from "../../core/dkim/signature.ts";
import type { HeaderField } from "../../core/message/header-field.ts";
import type { Instant } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import type { MasterKey } from "../../platform/seal.ts";
import { loadSigningKeys, signingKeysFor } from "../domains/index.ts";
import type { ComposedNotice } from "./compose-notice.ts";

/** Key operations, handed in by the composition root. Strings are byte strings. */
export type NoticeSigning = {
  readonly masterKey: MasterKey;
  readonly readKey: (pem: string) => { readonly kind: "key"; readonly key: KeyObject } | { readonly kind: "unusable" };
  readonly sha256Base64: (data: string) => string;
  readonly sign: (algorithm: SigningAlgorithm, key: KeyObject, bytes: string) => Promise<string> | string;
};

/** The whole notice, with its signatures before all other fields. */
export async function signNotice(
  db: Db,
  { headers, body }: ComposedNotice,
  domain: string,
  at: Instant,
  { masterKey, readKey, sha256Base64, sign }: NoticeSigning,
): Promise<string> {
  const signatures: HeaderField[] = [];
  try {
    const keys = await loadSigningKeys(db, masterKey, await signingKeysFor(db, domain, null));
    for (const { privateKey, ...identity } of keys) {
      const read = readKey(privateKey);
      if (read.kind === "unusable") continue;
      const input = prepareSigning(identity, headers, sha256Base64(body), at);
      signatures.push(finishSignature(input, await sign(identity.algorithm, read.key, input.data)));
    }
  } catch {
    // Unsigned, then: that keys cannot be read is found and told elsewhere.
  }
  return `${[...signatures, ...headers].map(({ text }) => text).join("")}\r\n${body}`;
}
