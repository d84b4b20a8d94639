/** The addresses of a host, both families at once. */
import type { Duration } from "../../core/time.ts";
import { MINUTE } from "../../core/time.ts";
import type { Client } from "./create-client.ts";
import { type Resolved, resolveRecords } from "./resolve-records.ts";
import { type AddressCheck, canonicalAddress } from "./unusable-address.ts";

export type AddressAnswer =
  | {
      readonly kind: "found";
      /** IPv4 first; at least one. */
      readonly addresses: readonly string[];
      readonly secure: boolean;
      readonly ttl: Duration;
      /** The host, or where its aliases lead. */
      readonly canonicalName: string;
    }
  | { readonly kind: "no-address"; readonly detail: string; readonly ttl: Duration | null }
  | { readonly kind: "unavailable"; readonly detail: string; readonly ttl: null };

/** Of each family: a connection tries a few at most. */
const MAX_ADDRESSES = 16;
/** Until the family that nobody answered about is asked for again. */
const HALF_TTL: Duration = MINUTE;

type Family = Resolved<"A"> | Resolved<"AAAA">;

export async function lookUpAddresses(
  client: Pick<Client, "ask">,
  host: string,
  check: AddressCheck,
): Promise<AddressAnswer> {
  const families = await Promise.all([resolveRecords(client, host, "A"), resolveRecords(client, host, "AAAA")]);
  const all = families.flatMap(addressesOf);
  const usable = all.filter((address) => check(address) === null);
  const failed = families.find((family) => family.kind === "failed");
  if (usable.length > 0) return found(usable, families, failed !== undefined);
  if (failed) {
    return { kind: "unavailable", detail: `no answer about the addresses of ${host}: ${failed.detail}`, ttl: null };
  }
  const ttls = families.map((family) => (family.kind === "failed" ? null : family.ttl)).filter((ttl) => ttl !== null);
  const why = all.map((address) => `${address}, which ${check(address)}`).slice(0, MAX_ADDRESSES);
  return {
    kind: "no-address",
    detail: why.length > 0 ? `${host} is ${why.join("; ")}` : `${host} has no address`,
    ttl: ttls.length > 0 ? Math.min(...ttls) : null,
  };
}

function addressesOf(family: Family): string[] {
  return family.kind === "records" ? [...new Set(family.records.map(canonicalAddress))].slice(0, MAX_ADDRESSES) : [];
}

function found(addresses: readonly string[], families: readonly Family[], isHalf: boolean): AddressAnswer {
  const positive = families.filter((family) => family.kind === "records");
  const answered = families.filter((family) => family.kind !== "failed");
  return {
    kind: "found",
    addresses,
    secure: answered.every(({ isSecure }) => isSecure),
    ttl: Math.min(...positive.map(({ ttl }) => ttl), ...(isHalf ? [HALF_TTL] : [])),
    canonicalName: positive[0]?.target ?? "",
  };
}
