/** A DNS server for tests: real UDP on loopback, a zone that the test writes and changes (RFC 1035 §4, as much as resolvers ask). */
import { createSocket } from "node:dgram";
import { once } from "node:events";

const TYPES = { A: 1, CNAME: 5, MX: 15, TXT: 16, AAAA: 28 } as const;
type Type = keyof typeof TYPES;

/**
 * Records as text (`10 mx.example`, `192.0.2.1`, a TXT of any length); `{}`: the name exists without records; a name that is
 * missing does not exist.
 */
export type Zone = Record<string, Partial<Record<Type, readonly string[]>> | "servfail" | "silent">;

export type DnsServer = {
  zone: Zone;
  /** What was asked: `example.com MX`. */
  readonly log: string[];
  /** As resolvers take it: `127.0.0.1:PORT`. */
  readonly address: string;
  close(): void;
};

export async function startDnsServer(): Promise<DnsServer> {
  const socket = createSocket("udp4");
  const server = { zone: {} as Zone, log: [] as string[] };
  socket.on("message", (query, from) => {
    const reply = answer(query, server.zone, server.log);
    if (reply) socket.send(reply, from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return Object.assign(server, { address: `127.0.0.1:${socket.address().port}`, close: () => void socket.close() });
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
      const head = Buffer.alloc(2);
      head.writeUInt16BE(Number(preference));
      return Buffer.concat([head, nameBytes(host)]);
    }
  }
}

function recordBytes(name: string, type: Type, text: string): Buffer {
  const data = recordData(type, text);
  const fields = Buffer.alloc(10);
  fields.writeUInt16BE(TYPES[type], 0);
  fields.writeUInt16BE(1, 2);
  fields.writeUInt32BE(60, 4);
  fields.writeUInt16BE(data.length, 8);
  return Buffer.concat([nameBytes(name), fields, data]);
}

/** Null: no answer. */
function answer(query: Buffer, zone: Zone, log: string[]): Buffer | null {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
  const question = query.subarray(12, at + 5);
  const number = query.readUInt16BE(at + 1);
  const type = (Object.keys(TYPES) as Type[]).find((key) => TYPES[key] === number) ?? "A";
  const name = labels.join(".").toLowerCase();
  log.push(`${name} ${type}`);
  const found = zone[name];
  if (found === "silent") return null;
  const answers = typeof found === "object" ? findRecords(zone, name, type) : [];
  const head = Buffer.alloc(12);
  query.copy(head, 0, 0, 2);
  head.writeUInt16BE(0x8180 | (found === undefined ? 3 : found === "servfail" ? 2 : 0), 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(answers.length, 6);
  return Buffer.concat([head, question, ...answers]);
}

/** An alias comes with what stands at its target. */
function findRecords(zone: Zone, name: string, type: Type): Buffer[] {
  const found = zone[name];
  if (typeof found !== "object") return [];
  const own = (found[type] ?? []).map((text) => recordBytes(name, type, text));
  const [alias] = found.CNAME ?? [];
  if (type === "CNAME" || alias === undefined) return own;
  return [recordBytes(name, "CNAME", alias), ...findRecords(zone, alias, type)];
}
