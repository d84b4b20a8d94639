/**
 * How a connection to an MX host must be protected: what the operator's rule says, what the recipient domain asks by MTA-STS
 * (RFC 8461), what the host asks by DANE (RFC 7672). The strictest wins, also over a rule that says no TLS: whoever
 * publishes a policy wants no mail without it. Only DANE that can be checked stands in for MTA-STS (RFC 8461 §2).
 */
import { assertNever } from "../never.ts";
import type { RuleTls } from "../shaping/rule.ts";
import type { Instant } from "../time.ts";
import type { Dane, TlsaRecord } from "./dane.ts";
import type { TlsPolicy } from "./session-state.ts";

/** What one recipient domain asks for. Never another's, even if both have the same MX hosts. */
export type StsPolicy = {
  readonly mode: "enforce" | "testing";
  /** Lower case; `*.` at the start stands for exactly one label. */
  readonly mx: readonly string[];
  readonly expires: Instant;
  readonly id: string;
};

/**
 * `enforced`: TLS with a valid certificate for the host's name, or nothing. `refused`: no mail for this domain to this host.
 * `tested` and `tested-refused`: the same if the policy were enforced; until then they are only worth noting.
 */
export type StsVerdict = "no-policy" | "enforced" | "refused" | "tested" | "tested-refused";

/** `host` is lower case, without the dot of the root. */
export function mxAllowed(policy: StsPolicy | null, host: string): StsVerdict {
  if (policy === null) return "no-policy";
  const isListed = policy.mx.some((mask) => matches(mask, host));
  if (policy.mode === "testing") return isListed ? "tested" : "tested-refused";
  return isListed ? "enforced" : "refused";
}

/** RFC 8461 §4.1. */
function matches(mask: string, host: string): boolean {
  if (!mask.startsWith("*.")) return mask === host;
  const dot = host.indexOf(".");
  return dot > 0 && host.slice(dot) === mask.slice(1);
}

/** A server of the operator's own. */
export type TlsRelay = {
  readonly implicitTls: boolean;
  /** A password goes over the network: encrypted to the right server, or not at all. */
  readonly sendsPassword: boolean;
};

export type TlsDemands = {
  readonly rule: RuleTls;
  readonly sts: StsVerdict;
  readonly dane: Dane;
  /** A handshake with this host failed lately. */
  readonly brokenTls: boolean;
  /** Null: the server is the recipient's. DANE and MTA-STS are about those. */
  readonly relay: TlsRelay | null;
};

export type TlsPlan = {
  /** `unusable`: no connection to this host for this domain now; the next host, or later. */
  readonly policy: TlsPolicy | "unusable";
  /** Null: no DANE. Empty: any certificate. Else the certificate is checked against these, not by authorities. */
  readonly daneRecords: readonly TlsaRecord[] | null;
  /** What to call the server in the handshake (RFC 7672 §2.2.2, §3.2.2); null: by its host name. */
  readonly tlsName: string | null;
  readonly why: string;
};

export function tlsPlanFor(demands: TlsDemands): TlsPlan {
  const { dane, relay } = demands;
  if (relay?.implicitTls) return plan("implicit", "the relay speaks TLS from the first byte");
  if (relay?.sendsPassword) return plan("required", "a password goes to the relay");
  if (relay) return byRule(demands);
  switch (dane.kind) {
    case "defer":
      return plan("unusable", `DANE: ${dane.detail}`);
    case "dane":
      return { policy: "required", daneRecords: dane.records, tlsName: dane.base, why: "DANE" };
    case "encrypt": {
      const others = bySts(demands);
      const isStricter = others.policy === "required" || others.policy === "unusable";
      if (isStricter) return others;
      return { ...plan("encrypted", "DANE without a record that can be used"), daneRecords: [] };
    }
    case "none":
      return bySts(demands);
    default:
      return assertNever(dane);
  }
}

function bySts(demands: TlsDemands): TlsPlan {
  switch (demands.sts) {
    case "enforced":
      return plan("required", "MTA-STS");
    case "refused":
      return plan("unusable", "the MTA-STS policy of the recipient's domain does not name this host");
    case "no-policy":
    case "tested":
    case "tested-refused":
      return byRule(demands);
    default:
      return assertNever(demands.sts);
  }
}

function byRule({ rule, brokenTls }: TlsDemands): TlsPlan {
  if (rule === "opportunistic" && brokenTls) return plan("none", "a TLS handshake with this host failed lately");
  return plan(rule, rule === "opportunistic" ? "TLS where the server offers it" : "the MX rule");
}

function plan(policy: TlsPlan["policy"], why: string): TlsPlan {
  return { policy, daneRecords: null, tlsName: null, why };
}
