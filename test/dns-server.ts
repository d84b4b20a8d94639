/**
 * A DNS server for tests: real UDP and TCP on loopback, a zone that the test writes and changes (RFC 1035 §4, as much as
 * resolvers ask). Written by hand: what it sends does not depend on the library that reads it.
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

const TYPES = { A: 1, CNAME: 5, MX: 15, TXT: 16, AAAA: 28, TLSA: 52 } as const;
type Type = keyof typeof TYPES;

const TROUBLES = { servfail: 2, refused: 5 } as const;
type Entry = Partial<Record<Type, readonly string[]>> & {
  /** Seconds; 60 where the test says nothing. */
  readonly ttl?: number;
  /** Validated: the AD bit is set for who asks with the DO bit. */
  readonly isSecure?: boolean;
  /** Ask the alias's target yourself. */
  readonly stopsAtAlias?: boolean;
  /** Types that answer with an error. */
  readonly fails?: readonly Type[];
};

/**
 * Records as text (`10 mx.example`, `192.0.2.1`, `3 1 1 HEX`, a TXT of any length); `{}`: the name exists without records; a
 * name that is missing does not exist. `lame`: a server that is not responsible.
 */
export type Zone = Record<string, Entry | keyof typeof TROUBLES | "silent" | "lame">;

export type DnsServer = {
  zone: Zone;
  /** What was asked: `example.com MX`, with ` tcp` behind it where it was; a datagram sent again counts once. */
  readonly log: string[];
  /** As resolvers take it: `127.0.0.1:PORT`. */
  readonly address: string;
  /** Minimum of the SOA record that comes with "there is none"; null: without. */
  negativeTtl: number | null;
  /** Knows EDNS; false: answers such questions with FORMERR. */
  knowsEdns: boolean;
  /** What is sent instead of a reply; several datagrams one after the other. `asker`: its port. */
  tamper: (reply: Buffer, query: Buffer, transport: "udp" | "tcp", asker: number) => readonly Buffer[];
  close(): void;
};

export async function startDnsServer(): Promise<DnsServer> {
  const udp = createSocket("udp4");
  const tcp = createServer();
  const sockets = new Set<Socket>();
  tcp.listen(0, "127.0.0.1");
  await once(tcp, "listening");
  const { port } = tcp.address() as AddressInfo;
  const server: DnsServer = {
    zone: {},
    log: [],
    address: `127.0.0.1:${port}`,
    negativeTtl: null,
    knowsEdns: true,
    tamper: (reply) => [reply],
    close: () => {
      udp.close();
      tcp.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  const seen = new Set<string>();
  udp.on("message", (query, from) => {
    const key = `${from.port} ${query.toString("hex", 0, 2)}`;
    const reply = answer(query, server, "udp", seen.has(key));
    seen.add(key);
    if (reply)
      for (const bytes of server.tamper(reply, query, "udp", from.port)) udp.send(bytes, from.port, from.address);
  });
  tcp.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    socket.on("data", (bytes) => {
      const query = bytes.subarray(2);
      const reply = answer(query, server, "tcp");
      for (const sent of reply ? server.tamper(reply, query, "tcp", socket.remotePort ?? 0) : []) {
        socket.write(Buffer.concat([uint16(sent.length), sent]));
      }
    });
  });
  udp.bind(port, "127.0.0.1");
  await once(udp, "listening");
  return server;
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function nameBytes(name: string): Buffer {
  const labels = name.split(".").filter((label) => label !== "");
  return Buffer.concat([
    ...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ]);
}

function recordData(type: Type, text: string): Buffer {
  switch (type) {
    case "A":
      return Buffer.from(text.split(".").map(Number));
    case "AAAA":
      return Buffer.from(text.replaceAll(":", ""), "hex");
    case "CNAME":
      return nameBytes(text);
    case "TXT": {
      const strings = text.match(/.{1,255}/gs) ?? [""];
      return Buffer.concat(strings.map((string) => Buffer.from([string.length, ...Buffer.from(string, "latin1")])));
    }
    case "MX": {
      const [preference, host = ""] = text.split(" ");
      return Buffer.concat([uint16(Number(preference)), nameBytes(host)]);
    }
    case "TLSA": {
      const [usage, selector, matching, hex = ""] = text.split(" ");
      return Buffer.concat([Buffer.from([usage, selector, matching].map(Number)), Buffer.from(hex, "hex")]);
    }
  }
}

function recordBytes(name: string, type: number, ttl: number, data: Buffer): Buffer {
  const fields = Buffer.alloc(10);
  fields.writeUInt16BE(type, 0);
  fields.writeUInt16BE(1, 2);
  fields.writeUInt32BE(ttl, 4);
  fields.writeUInt16BE(data.length, 8);
  return Buffer.concat([nameBytes(name), fields, data]);
}

/** Name and minimum only; the rest is zero. */
function soaBytes(minimum: number): Buffer {
  const numbers = Buffer.alloc(20);
  numbers.writeUInt32BE(minimum, 16);
  return recordBytes("example", 6, minimum, Buffer.concat([nameBytes("ns.example"), nameBytes("x.example"), numbers]));
}

type Query = { readonly name: string; readonly type: Type; readonly question: Buffer; readonly rest: Buffer };

function readQuery(query: Buffer): Query {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
  const number = query.readUInt16BE(at + 1);
  const type = (Object.keys(TYPES) as Type[]).find((key) => TYPES[key] === number) ?? "A";
  return {
    name: labels.join(".").toLowerCase(),
    type,
    question: query.subarray(12, at + 5),
    rest: query.subarray(at + 5),
  };
}

/** Null: no answer. */
function answer(bytes: Buffer, server: DnsServer, transport: "udp" | "tcp", isAgain = false): Buffer | null {
  const query = readQuery(bytes);
  const { zone } = server;
  const found = zone[query.name];
  const opt = query.rest.length > 0 ? query.rest : null;
  if (!isAgain) server.log.push(`${query.name} ${query.type}${transport === "tcp" ? " tcp" : ""}`);
  if (found === "silent") return null;
  if (opt && !server.knowsEdns) return message(bytes, 0x8181, Buffer.alloc(0), []);
  if (found === "lame") return message(bytes, 0x8100, query.question, []);
  if (found === "servfail" || found === "refused" || found?.fails?.includes(query.type)) {
    const rcode = typeof found === "string" ? TROUBLES[found] : TROUBLES.servfail;
    return message(bytes, 0x8180 | rcode, query.question, []);
  }
  const { records, isSecure, exists } = findRecords(zone, query.name, query.type);
  const soa = records.length === 0 && server.negativeTtl !== null ? soaBytes(server.negativeTtl) : null;
  const asksForSignatures = opt !== null && (opt.readUInt16BE(7) & 0x8000) !== 0;
  const flags = 0x8180 | (exists ? 0 : 3) | (isSecure && asksForSignatures ? 0x20 : 0);
  const reply = message(bytes, flags, query.question, records, soa);
  const limit = transport === "tcp" ? 0xffff : opt ? opt.readUInt16BE(3) : 512;
  return reply.length > limit ? message(bytes, flags | 0x200, query.question, []) : reply;
}

function message(
  query: Buffer,
  flags: number,
  question: Buffer,
  answers: readonly Buffer[],
  authority: Buffer | null = null,
): Buffer {
  const head = Buffer.alloc(12);
  query.copy(head, 0, 0, 2);
  head.writeUInt16BE(flags, 2);
  head.writeUInt16BE(question.length > 0 ? 1 : 0, 4);
  head.writeUInt16BE(answers.length, 6);
  head.writeUInt16BE(authority ? 1 : 0, 8);
  return Buffer.concat([head, question, ...answers, ...(authority ? [authority] : [])]);
}

type Found = { readonly records: readonly Buffer[]; readonly isSecure: boolean; readonly exists: boolean };

/** An alias comes with what stands at its target; nobody follows more than 20. */
function findRecords(zone: Zone, name: string, type: Type, depth = 0): Found {
  const entry = zone[name];
  if (typeof entry !== "object") return { records: [], isSecure: true, exists: false };
  const { ttl = 60, isSecure = false } = entry;
  const bytes = (of: Type, text: string) => recordBytes(name, TYPES[of], ttl, recordData(of, text));
  const [alias] = entry.CNAME ?? [];
  if (type === "CNAME" || alias === undefined) {
    return { records: (entry[type] ?? []).map((text) => bytes(type, text)), isSecure, exists: true };
  }
  const own = bytes("CNAME", alias);
  if (entry.stopsAtAlias || depth > 20) return { records: [own], isSecure, exists: true };
  const target = findRecords(zone, alias, type, depth + 1);
  return {
    records: [own, ...target.records],
    isSecure: isSecure && target.isSecure,
    exists: target.exists,
  };
}
