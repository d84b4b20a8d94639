/** How keys are named and published: selectors, TXT records (RFC 6376 §3.6), the API's view of a key. Pure. */
import type { DkimKey } from "../../contract/index.ts";
import { toAsciiDomain } from "../../core/address/to-ascii-domain.ts";
import { formatInstant } from "../../core/time.ts";
import { appError } from "../../platform/errors.ts";
import type { KeyRow } from "./store.ts";

/** RFC 6376 §3.1: labels of letters, digits and hyphens, like a part of a host name. */
const SELECTOR = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
const MAX_NAME = 253;
/** RFC 1035 §3.3: of one character string. */
const MAX_STRING = 255;

/** Lower case, ASCII. Throws `invalid-input` at `pointer`. */
export function readDomainName(text: string, pointer: string): string {
  const domain = toAsciiDomain(text.trim().replace(/\.$/, ""));
  if (domain.kind === "valid") return domain.ascii;
  throw invalid(pointer, `"${text}" ${domain.reason}`);
}

/** Throws `invalid-input` at `/selector`. */
export function readSelector(text: string, domain: string): string {
  const selector = text.trim().toLowerCase();
  if (!SELECTOR.test(selector)) {
    throw invalid("/selector", `The selector "${text}" is not made of letters, digits and hyphens`);
  }
  if (recordName(selector, domain).length > MAX_NAME) {
    throw invalid("/selector", `The name ${recordName(selector, domain)} is longer than ${MAX_NAME} characters`);
  }
  return selector;
}

export function invalid(pointer: string, message: string) {
  return appError("invalid-input", { detail: message }, [{ pointer, code: "invalid", message }]);
}

export function recordName(selector: string, domain: string): string {
  return `${selector}._domainkey.${domain}`;
}

/** RFC 6376 §3.6.1; an empty `p=` says that the key is revoked. */
export function recordValue({ algorithm, public_key }: Pick<KeyRow, "algorithm" | "public_key">): string {
  return `v=DKIM1; k=${algorithm === "rsa-sha256" ? "rsa" : "ed25519"}; p=${public_key}`;
}

export function presentKey(row: KeyRow): DkimKey {
  const value = recordValue(row);
  return {
    id: String(row.id),
    selector: row.selector,
    algorithm: row.algorithm,
    bits: row.bits,
    canonicalization: row.canonicalization,
    state: row.state,
    createdAt: formatInstant(row.created_at),
    retiredAt: row.retired_at === null ? null : formatInstant(row.retired_at),
    record: {
      name: recordName(row.selector, row.domain),
      type: "TXT",
      value,
      strings: value.match(new RegExp(`.{1,${MAX_STRING}}`, "g")) ?? [],
    },
  };
}

/** The domain itself and those above it, closest first; a name without a dot is nobody's sending domain. */
export function withParents(domain: string): string[] {
  const labels = domain.split(".");
  return labels.slice(0, Math.max(1, labels.length - 1)).map((_, index) => labels.slice(index).join("."));
}
