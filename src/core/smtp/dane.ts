/**
 * DANE for SMTP (RFC 7672): what the TLSA records of an MX host ask of a connection to it. Which of them a certificate
 * fulfils is checked where certificates can be read (adapters/dns/verify-dane.ts).
 */
import { assertNever } from "../never.ts";

/** RFC 6698 §2.1, as published; numbers that nobody defined are possible. */
export type TlsaRecord = {
  readonly usage: number;
  readonly selector: number;
  readonly matchingType: number;
  readonly data: Uint8Array;
};

/** What a validating resolver says about the TLSA records of one MX host. */
export type TlsaAnswer =
  | {
      readonly kind: "records";
      /** At least one. */
      readonly records: readonly TlsaRecord[];
      /** The name they are published for: the MX host, or what its alias leads to (RFC 7672 §2.2.2). */
      readonly base: string;
    }
  /** None, or none whose DNSSEC signatures were validated. */
  | { readonly kind: "none" }
  /** The signatures are wrong, or nobody answered: an attacker could cause both. */
  | { readonly kind: "failed"; readonly detail: string };

export type Dane =
  | { readonly kind: "dane"; readonly records: readonly TlsaRecord[]; readonly base: string }
  /** There are records, and none can be used: TLS is a must, the certificate may be any (RFC 7672 §2.2). */
  | { readonly kind: "encrypt" }
  | { readonly kind: "none" }
  /** The host must not be used now (RFC 7672 §2.1.2, §2.2). */
  | { readonly kind: "defer"; readonly detail: string };

/**
 * `isMxSecure`: the MX records were validated too. Without that whoever forged them could name a host of their own, so
 * that nothing is gained: such a domain is treated as one without DANE, and MTA-STS may still bind it (RFC 7672 §2.2.1).
 */
export function daneFor(answer: TlsaAnswer, isMxSecure: boolean): Dane {
  if (!isMxSecure) return { kind: "none" };
  switch (answer.kind) {
    case "none":
      return answer;
    case "failed":
      return { kind: "defer", detail: answer.detail };
    case "records": {
      const records = answer.records.filter(isUsable);
      return records.length > 0 ? { kind: "dane", records, base: answer.base } : { kind: "encrypt" };
    }
    default:
      return assertNever(answer);
  }
}

export const DANE_TA = 2;
export const DANE_EE = 3;
export const FULL_CERTIFICATE = 0;
export const PUBLIC_KEY = 1;

/** Bytes of association data by matching type; 0 stands for the thing itself, of any length. */
const DATA_LENGTHS: Readonly<Record<number, number>> = { 1: 32, 2: 64 };

/** Usages 0 and 1 rest on authorities that MTAs do not agree on: they are unusable in SMTP (RFC 7672 §3.1.3). */
function isUsable({ usage, selector, matchingType, data }: TlsaRecord): boolean {
  if (usage !== DANE_TA && usage !== DANE_EE) return false;
  if (selector !== FULL_CERTIFICATE && selector !== PUBLIC_KEY) return false;
  if (matchingType === 0) return data.length > 0;
  return DATA_LENGTHS[matchingType] === data.length;
}
