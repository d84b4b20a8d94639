/** What the pages of the sending domains decide: the worst state of a domain, which key is used, what stands in DNS. */
import type { DkimKey, DnsCheck, Domain } from "../../../src/contract/index.ts";
import type { Tone } from "../../tones.ts";

export const CHECK_TONE: Record<DnsCheck["status"], Tone> = {
  ok: "sent",
  warning: "retry",
  error: "failed",
  unknown: "waiting",
};

const RANK: Record<DnsCheck["status"], number> = { error: 0, warning: 1, unknown: 2, ok: 3 };

/** What to repair comes first. */
export const checksInOrder = (checks: readonly DnsCheck[]): DnsCheck[] =>
  checks.toSorted((left, right) => RANK[left.status] - RANK[right.status]);

/** Active ones first, newest first among them. */
export const keysInOrder = (keys: readonly DkimKey[]): DkimKey[] =>
  keys.toSorted(
    (left, right) =>
      Number(left.state === "retired") - Number(right.state === "retired") ||
      Date.parse(right.createdAt) - Date.parse(left.createdAt),
  );

export const activeKeys = (domain: Domain): DkimKey[] => domain.keys.filter((key) => key.state === "active");

/** RSA with its length; Ed25519 has only one. */
export const keyWords = (key: Pick<DkimKey, "algorithm" | "bits">): string =>
  key.algorithm === "rsa-sha256" ? `RSA${key.bits === null ? "" : ` ${key.bits}`}` : "Ed25519";

/** As a zone file holds it: pieces of at most 255 octets (RFC 1035 §3.3). */
export const zoneLine = ({ record }: DkimKey): string =>
  `${record.name}. IN ${record.type} (${record.strings.map((piece) => `"${piece}"`).join(" ")})`;

/** What is typed, as far as it can be a domain: the server checks it properly. */
export const domainOf = (typed: string): string | null => {
  const name = typed.trim().toLowerCase().replace(/\.$/, "");
  return /^[^\s.@/]+(\.[^\s.@/]+)+$/.test(name) ? name : null;
};
