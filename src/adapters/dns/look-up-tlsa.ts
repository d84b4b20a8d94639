/** The TLSA records of an MX host (RFC 7672 §2.2.2): only what DNSSEC vouches for. */
import type { TlsaAnswer } from "../../core/smtp/dane.ts";
import type { Duration } from "../../core/time.ts";
import type { Client } from "./create-client.ts";
import type { AddressAnswer } from "./look-up-addresses.ts";
import { resolveRecords } from "./resolve-records.ts";

type KeptTlsa = TlsaAnswer & { readonly ttl: Duration | null };

/**
 * Records are looked for where the host's aliases lead, then at the host itself. Where its addresses are not signed nobody
 * asks: many such servers answer questions about TLSA with errors, and those would stop the mail.
 */
export async function lookUpTlsa(
  client: Pick<Client, "ask">,
  host: string,
  addresses: AddressAnswer,
): Promise<KeptTlsa> {
  if (addresses.kind === "unavailable") return { kind: "failed", detail: addresses.detail, ttl: null };
  if (addresses.kind === "no-address") return { kind: "none", ttl: addresses.ttl };
  const { canonicalName, secure, ttl } = addresses;
  const bases = secure ? [...new Set([canonicalName, host])] : [];
  if (!secure && canonicalName !== host) {
    // The alias may be signed although what it leads to is not.
    const alias = await resolveRecords(client, host, "CNAME");
    if (alias.kind === "failed") return { ...alias, ttl: null };
    if (alias.kind === "records" && alias.isSecure) bases.push(host);
  }
  for (const base of bases) {
    const resolved = await resolveRecords(client, `_25._tcp.${base}`, "TLSA");
    if (resolved.kind === "failed") {
      return { kind: "failed", detail: `no answer about the TLSA records of ${base}: ${resolved.detail}`, ttl: null };
    }
    if (resolved.kind === "records" && resolved.isSecure) {
      return { kind: "records", records: resolved.records, base, ttl: Math.min(ttl, resolved.ttl) };
    }
  }
  return { kind: "none", ttl };
}
