/** Where the mail of a domain goes: its MX records, or the domain itself where it has none. */
import type { MxTarget } from "../../core/shaping/mx.ts";
import { chooseTargets, type IgnoredMx, withoutLoops } from "../../core/shaping/mx-targets.ts";
import type { Duration } from "../../core/time.ts";
import type { Client } from "./create-client.ts";
import type { AddressAnswer } from "./look-up-addresses.ts";
import { type Resolved, resolveRecords } from "./resolve-records.ts";

export type MxAnswer =
  | {
      readonly kind: "found";
      /** By preference; at least one. */
      readonly targets: readonly MxTarget[];
      /** The domain has no MX record and stands for itself. */
      readonly isImplicit: boolean;
      /** Validated by DNSSEC: without that DANE means nothing. */
      readonly secure: boolean;
      readonly ttl: Duration;
      readonly ignored: readonly IgnoredMx[];
    }
  /** It does not exist, or takes no mail. */
  | { readonly kind: "no-such-domain"; readonly detail: string; readonly ttl: Duration | null }
  /** Nobody answered (TTL null), or what they answered leads nowhere: a mistake that may be over in an hour. */
  | { readonly kind: "unavailable"; readonly detail: string; readonly ttl: Duration | null };

export type MxOptions = {
  readonly resolveAddresses: (host: string) => Promise<AddressAnswer>;
  readonly ownHosts: ReadonlySet<string>;
  readonly ownAddresses: ReadonlySet<string>;
};

export async function lookUpMx(client: Pick<Client, "ask">, domain: string, options: MxOptions): Promise<MxAnswer> {
  const resolved = await resolveRecords(client, domain, "MX");
  switch (resolved.kind) {
    case "records":
      return fromRecords(domain, resolved, options);
    case "no-such-name":
      return { kind: "no-such-domain", detail: `${domain} does not exist`, ttl: resolved.ttl };
    case "failed":
      return { kind: "unavailable", detail: `no answer about the MX of ${domain}: ${resolved.detail}`, ttl: null };
    case "no-records":
      return implicit(domain, resolved, options);
  }
}

async function fromRecords(
  domain: string,
  { records, ttl, isSecure }: Extract<Resolved<"MX">, { kind: "records" }>,
  options: MxOptions,
): Promise<MxAnswer> {
  const chosen = chooseTargets(records);
  if (chosen.isNullMx) return { kind: "no-such-domain", detail: `${domain} takes no mail (null MX)`, ttl };
  const { targets, ignored } = await leaveOutOurselves(chosen.targets, options);
  const all = [...chosen.ignored, ...ignored];
  if (targets.length === 0) {
    const why = all.map((mx) => `${mx.host} ${mx.why}`).join("; ");
    return { kind: "unavailable", detail: `${domain} has no MX that mail can go to: ${why}`, ttl };
  }
  return { kind: "found", targets, isImplicit: false, secure: isSecure, ttl, ignored: all };
}

/** RFC 5321 §5.1: only where it is sure that there is no MX record. */
async function implicit(
  domain: string,
  resolved: Extract<Resolved<"MX">, { kind: "no-records" | "no-such-name" }>,
  options: MxOptions,
): Promise<MxAnswer> {
  const itself = await options.resolveAddresses(domain);
  if (itself.kind === "unavailable") return itself;
  if (itself.kind === "no-address") {
    return { kind: "no-such-domain", detail: `${domain} has neither MX nor address`, ttl: resolved.ttl };
  }
  const { targets, ignored } = await leaveOutOurselves([{ host: domain, preference: 0 }], options);
  if (targets.length === 0) {
    return { kind: "unavailable", detail: `${domain} has no MX record and is ourselves`, ttl: itself.ttl };
  }
  const ttl = Math.min(itself.ttl, resolved.ttl ?? itself.ttl);
  return { kind: "found", targets, isImplicit: true, secure: resolved.isSecure, ttl, ignored };
}

async function leaveOutOurselves(
  targets: readonly MxTarget[],
  { resolveAddresses, ownHosts, ownAddresses }: MxOptions,
) {
  const ours = new Set(targets.map(({ host }) => host).filter((host) => ownHosts.has(host)));
  if (ownAddresses.size > 0) {
    await Promise.all(
      targets.map(async ({ host }) => {
        const answer = await resolveAddresses(host);
        if (answer.kind === "found" && answer.addresses.some((address) => ownAddresses.has(address))) ours.add(host);
      }),
    );
  }
  return withoutLoops(targets, (host) => ours.has(host));
}
