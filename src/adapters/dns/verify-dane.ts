/**
 * Whether the certificates that a server shows fulfil its TLSA records (RFC 7671 §5, RFC 7672 §3). The records take the
 * place of all authorities.
 */
import { createHash, X509Certificate } from "node:crypto";
import type { DetailedPeerCertificate, TLSSocket } from "node:tls";

import { DANE_EE, DANE_TA, FULL_CERTIFICATE, type TlsaRecord } from "../../core/smtp/dane.ts";
import type { Instant } from "../../core/time.ts";
import { errorText } from "../../platform/errors.ts";

/** Nobody's is as long. */
const MAX_CHAIN = 16;

/**
 * `chainDer`: as the server sent it, its own certificate first. `name`: whom the certificate must name where a TLSA record
 * points to an authority. Null: verified, also when no record is given; else why not.
 */
export function verifyDane(
  records: readonly TlsaRecord[],
  chainDer: readonly Uint8Array[],
  name: string,
  now: Instant,
): string | null {
  if (records.length === 0) return null;
  try {
    return verify(records, chainDer, name, now);
  } catch (error) {
    // Keys of a kind that nobody here knows.
    return `the server's certificates cannot be checked: ${errorText(error)}`;
  }
}

function verify(
  records: readonly TlsaRecord[],
  chainDer: readonly Uint8Array[],
  name: string,
  now: Instant,
): string | null {
  const [leaf] = readAll(chainDer.slice(0, 1));
  const others = readAll(chainDer.slice(1, MAX_CHAIN));
  if (!leaf) return "the server sent no certificate that can be read";
  // RFC 7672 §3.1.1: neither names nor dates of such a certificate matter.
  if (records.some((record) => record.usage === DANE_EE && isOf(record, leaf))) return null;
  const authorities = records.filter(({ usage }) => usage === DANE_TA);
  if (authorities.length === 0) return "the server's certificate matches none of its TLSA records";
  return verifyByAuthority(authorities, leaf, others, name, now);
}

function verifyByAuthority(
  records: readonly TlsaRecord[],
  leaf: X509Certificate,
  others: readonly X509Certificate[],
  name: string,
  now: Instant,
): string | null {
  // RFC 7671 §5.2.2: a record may hold the whole authority, which the server then need not send.
  const published = records.filter(({ selector, matchingType }) => selector === FULL_CERTIFICATE && matchingType === 0);
  const path = pathFrom(leaf, [...others, ...readAll(published.map(({ data }) => data))]);
  const at = path.findIndex((certificate, i) => i > 0 && records.some((record) => isOf(record, certificate)));
  if (at < 0) return "no certificate above the server's own matches its TLSA records";
  const outdated = path.slice(0, at + 1).find((certificate) => !isValidAt(certificate, now));
  if (outdated) return `the certificate of ${subjectOf(outdated)} is not valid at this time`;
  if (leaf.checkHost(name, { partialWildcards: false }) === undefined)
    return `the server's certificate is not for ${name}`;
  return null;
}

/** From the server's certificate up, each signed by the next. */
function pathFrom(leaf: X509Certificate, others: readonly X509Certificate[]): X509Certificate[] {
  const path = [leaf];
  const left = new Set(others);
  for (;;) {
    const last = path.at(-1);
    const issuer = [...left].find(
      (other) => last && other.ca && last.checkIssued(other) && last.verify(other.publicKey),
    );
    if (!issuer) return path;
    left.delete(issuer);
    path.push(issuer);
  }
}

function isOf({ selector, matchingType, data }: TlsaRecord, certificate: X509Certificate): boolean {
  const whole =
    selector === FULL_CERTIFICATE ? certificate.raw : certificate.publicKey.export({ type: "spki", format: "der" });
  switch (matchingType) {
    case 0:
      return whole.equals(data);
    case 1:
      return createHash("sha256").update(whole).digest().equals(data);
    case 2:
      return createHash("sha512").update(whole).digest().equals(data);
    default:
      return false;
  }
}

function isValidAt({ validFrom, validTo }: X509Certificate, now: Instant): boolean {
  return Date.parse(validFrom) <= now && now <= Date.parse(validTo);
}

const subjectOf = ({ subject }: X509Certificate) => subject.replaceAll("\n", ", ");

/** What cannot be read is left out: it vouches for nothing. */
function readAll(ders: readonly Uint8Array[]): X509Certificate[] {
  return ders.flatMap((der) => {
    try {
      return [new X509Certificate(der)];
    } catch {
      return [];
    }
  });
}

/** What a server sent in its handshake, its own certificate first. Empty: the session was resumed, or there was none. */
export function peerChain(socket: TLSSocket): Uint8Array[] {
  const chain: Uint8Array[] = [];
  let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  // The last one of a whole chain is its own issuer.
  while (certificate?.raw && chain.length < MAX_CHAIN && !chain.some((known) => certificate?.raw.equals(known))) {
    chain.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}
