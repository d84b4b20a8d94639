/**
 * The return path of a copy: that of its original with the tag of the copy instead, so that what the archive sends back is never taken
 * for a bounce of the recipient. Where the original has no tag, neither has its copy.
 */
import type { CopyKey } from "../archive/archive.ts";
import { withTag } from "../message/return-path.ts";
import { mintTag, type TokenKey } from "./token.ts";

/** RFC 5321 §4.5.3.1.1 */
const LOCAL_OCTETS = 64;

/** Without any tag where that of the copy, which is longer, finds no room. */
export function copyReturnPath(mailFrom: string, key: TokenKey, copy: CopyKey): string {
  const suffix = `+${mintTag(key, copy)}`;
  const at = mailFrom.lastIndexOf("@");
  const local = mailFrom.slice(0, at);
  const quote = local.endsWith('"') ? '"' : "";
  const bare = quote ? local.slice(0, -1) : local;
  if (!bare.endsWith(suffix)) return mailFrom;
  const plain = `${bare.slice(0, -suffix.length)}${quote}${mailFrom.slice(at)}`;
  const tagged = withTag(plain, mintTag(key, copy, copy.archive));
  return tagged.lastIndexOf("@") <= LOCAL_OCTETS ? tagged : plain;
}
