/**
 * DNS messages (RFC 1035 §4): writes a question, reads the reply to it. Replies come from strangers: whatever they hold,
 * reading them ends soon and never throws.
 */
import {
  type Answer,
  AUTHENTIC_DATA,
  decode,
  type DecodedPacket,
  DNSSEC_OK,
  encode,
  RECURSION_DESIRED,
} from "dns-packet";

import type { TlsaRecord } from "../../core/smtp/dane.ts";
import { canonical } from "./ask.ts";

type DataOf = {
  readonly A: string;
  readonly AAAA: string;
  readonly CNAME: string;
  readonly MX: { readonly exchange: string; readonly preference: number };
  readonly TLSA: TlsaRecord;
  readonly TXT: string;
};
export type RecordType = keyof DataOf;
export type RecordData<T extends RecordType> = DataOf[T];

/** `name` is canonical, as of every name here. */
export type Question = { readonly name: string; readonly type: RecordType };
/** `ttl` in seconds. */
export type DnsRecord = {
  [T in RecordType]: { readonly type: T; readonly name: string; readonly ttl: number; readonly data: DataOf[T] };
}[RecordType];

export type Reply = {
  /** With the upper bits of EDNS (RFC 6891 §6.1.3). */
  readonly rcode: number;
  readonly isTruncated: boolean;
  /** The server says that it validated the answer (RFC 4035 §3.2.3); who believes it must trust server and way. */
  readonly isAuthentic: boolean;
  /** Says nothing and does not even look further: a server that is not responsible. */
  readonly isLame: boolean;
  readonly records: readonly DnsRecord[];
  /** Seconds for which "there is none" holds (RFC 2308 §5); null: no SOA record says. */
  readonly negativeTtl: number | null;
};

/** Larger replies get lost on the way in pieces (DNS flag day 2020). */
const UDP_SIZE = 1232;
/** Nobody's answer has as many; counts in a header cost nothing to forge. */
const MAX_RECORDS = 1000;
const HEADER = 12;

export type Edns = "none" | "plain" | "dnssec";

/** `dnssec`: asks for signatures, without which a validating server need not say whether it validated. */
export function writeQuestion(id: number, { name, type }: Question, edns: Edns): Buffer {
  const flags = RECURSION_DESIRED | (edns === "dnssec" ? AUTHENTIC_DATA : 0);
  const questions = [{ name, type, class: "IN" as const }];
  if (edns === "none") return encode({ type: "query", id, flags, questions });
  const opt = {
    type: "OPT" as const,
    name: ".",
    udpPayloadSize: UDP_SIZE,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: edns === "dnssec" ? DNSSEC_OK : 0,
    flag_do: edns === "dnssec",
    options: [],
  };
  return encode({ type: "query", id, flags, questions, additionals: [opt] });
}

/** `foreign`: no reply to this question, perhaps somebody's guess: the real one may still come. */
export function readReply(bytes: Buffer, id: number, question: Question): Reply | "foreign" | "malformed" {
  if (bytes.length < HEADER || bytes.readUInt16BE(0) !== id || (bytes.readUInt8(2) & 0x80) === 0) return "foreign";
  const counts = [6, 8, 10].map((at) => bytes.readUInt16BE(at));
  if (bytes.readUInt16BE(4) > 1 || counts.some((count) => count > MAX_RECORDS)) return "malformed";
  let packet: DecodedPacket;
  try {
    packet = decode(bytes);
  } catch {
    return readHeader(bytes) ?? "malformed";
  }
  if (!isAbout(packet, question)) return "foreign";
  return toReply(packet);
}

/** What was cut off is asked for again; where it was cut need not be between two records. */
function readHeader(bytes: Buffer): Reply | null {
  if ((bytes.readUInt8(2) & 0x02) === 0) return null;
  return { rcode: 0, isTruncated: true, isAuthentic: false, isLame: false, records: [], negativeTtl: null };
}

/** A server that does not understand the question may leave it out. */
function isAbout(packet: DecodedPacket, question: Question): boolean {
  const [asked] = packet.questions ?? [];
  if (!asked) return rcodeOf(packet) !== 0;
  return asked.type === question.type && canonical(asked.name) === question.name && (asked.class ?? "IN") === "IN";
}

function rcodeOf(packet: DecodedPacket): number {
  const opt = packet.additionals?.find((record) => record.type === "OPT");
  return ((opt?.extendedRcode ?? 0) << 4) | ((packet.flags ?? 0) & 0xf);
}

function toReply(packet: DecodedPacket): Reply {
  const authorities = packet.authorities ?? [];
  const soa = authorities.find((record) => record.type === "SOA");
  const records = (packet.answers ?? []).flatMap((answer) => toRecord(answer) ?? []);
  return {
    rcode: rcodeOf(packet),
    isTruncated: packet.flag_tc,
    isAuthentic: packet.flag_ad,
    isLame: records.length === 0 && !packet.flag_ra && !packet.flag_aa,
    records,
    negativeTtl: soa ? Math.min(seconds(soa.ttl), seconds(soa.data.minimum)) : null,
  };
}

/** Null: of a type or class that nobody asked for. */
function toRecord(answer: Answer): DnsRecord | null {
  if (answer.type === "OPT" || (answer.class ?? "IN") !== "IN") return null;
  const { type } = answer;
  const common = { name: canonical(answer.name), ttl: seconds(answer.ttl) };
  if (type === "A" || type === "AAAA") return { ...common, type, data: answer.data };
  if (type === "CNAME") return { ...common, type, data: canonical(answer.data) };
  if (type === "MX") {
    const { exchange, preference = 0 } = answer.data;
    return { ...common, type, data: { exchange: canonical(exchange), preference } };
  }
  if (type === "TXT") {
    const strings = [answer.data].flat().map((part) => (typeof part === "string" ? part : part.toString("utf8")));
    return { ...common, type, data: strings.join("") };
  }
  if (type === "TLSA") {
    const { usage, selector, matchingType, certificate } = answer.data;
    // A copy: the record must not keep the whole reply in memory.
    return { ...common, type, data: { usage, selector, matchingType, data: new Uint8Array(certificate) } };
  }
  return null;
}

/** RFC 2181 §8: a TTL with its highest bit set counts as 0. */
function seconds(ttl: number | undefined): number {
  return ttl === undefined || ttl >= 2 ** 31 ? 0 : ttl;
}
