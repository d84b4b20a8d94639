/**
 * Where a request may go whose address somebody wrote down, so that it may be anything: only to public addresses after the name is resolved, and
 * to those that the operator allows. Whoever connects pins what is answered here: a second look-up could say otherwise.
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";

import { parseNetwork } from "../../platform/network.ts";
import { addressCheck } from "../dns/unusable-address.ts";

export type ResolveName = (host: string) => Promise<readonly string[]>;

export async function resolveName(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** Without the brackets of an IPv6 address. */
export const hostOf = ({ hostname }: URL) => hostname.replace(/^\[|\]$/g, "");

/** `allowed`: hosts and networks that may be connected to besides public ones. Throws when no address of the host may be. */
export async function usableAddresses(
  host: string,
  allowed: readonly string[],
  resolve: ResolveName,
): Promise<readonly string[]> {
  const found = isIP(host) === 0 ? await resolve(host) : [host];
  if (allowed.includes(host) && isIP(host) === 0) return found;
  const check = addressCheck(networksOf(allowed));
  const usable = found.filter((address) => check(address) === null);
  const [first] = found;
  if (first === undefined) throw new Error(`${host} has no address`);
  if (usable.length === 0)
    throw new Error(`${host} is at ${first}, which ${check(first)}: the settings do not allow it`);
  return usable;
}

/** Whether the operator allows it by name or by a network that is not public. */
export function isAllowed(host: string, allowed: readonly string[]): boolean {
  if (allowed.includes(host)) return true;
  return isIP(host) !== 0 && addressCheck(networksOf(allowed))(host) === null && addressCheck([])(host) !== null;
}

/** Addresses as networks of one; names are not for here. */
function networksOf(allowed: readonly string[]): string[] {
  return allowed.flatMap((entry) => {
    const [address = "", bits] = entry.split("/");
    if (parseNetwork(entry) === null) return [];
    return [bits === undefined ? `${address}/${isIP(address) === 4 ? 32 : 128}` : entry];
  });
}

/** For work that cannot be ended: nobody waits for it longer than the signal says. */
export function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(new Error("too late"));
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  return Promise.race([work, promise]).finally(() => signal.removeEventListener("abort", onAbort));
}
