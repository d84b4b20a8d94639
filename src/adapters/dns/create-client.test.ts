import { createSocket } from "node:dgram";

import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { type DnsServer, startDnsServer } from "../../../test/dns-server.ts";
import { SECOND } from "../../core/time.ts";
import { type Asked, type Client, type ClientOptions, createClient } from "./create-client.ts";
import { readReply, writeQuestion } from "./dns-message.ts";

/** Where nobody answers; elsewhere a busy machine must not look like that. */
const SHORT = { timeout: 150 };
const MX = { name: "example.com", type: "MX" } as const;

let first: DnsServer;
let second: DnsServer;
let now: number;
const opened: Client[] = [];

function open(options: Partial<ClientOptions> = {}): Client {
  const servers = [first.address, second.address];
  const client = createClient({ servers, timeout: 1000, trustAd: "never", now: () => now, ...options });
  opened.push(client);
  return client;
}

beforeEach(async () => {
  now = 0;
  [first, second] = await Promise.all([startDnsServer(), startDnsServer()]);
  for (const { zone } of [first, second]) zone["example.com"] = { MX: ["10 mx.example.com"] };
});
afterEach(() => {
  for (const client of opened.splice(0)) client.close();
  first.close();
  second.close();
});

const hosts = (asked: Asked) =>
  asked.kind === "reply" ? asked.reply.records.map((record) => record.type === "MX" && record.data.exchange) : asked;

describe("which server is asked", () => {
  test("the first, as long as it answers; that a name does not exist is an answer", async () => {
    const client = open();
    expect(hosts(await client.ask(MX))).toEqual(["mx.example.com"]);
    expect(await client.ask({ name: "nowhere.example", type: "A" })).toMatchObject({ reply: { rcode: 3 } });
    expect(second.log).toEqual([]);
  });

  test.each(["servfail", "refused", "silent", "lame"] as const)("the next, when one is %s", async (trouble) => {
    first.zone["example.com"] = trouble;
    expect(hosts(await open(trouble === "silent" ? SHORT : {}).ask(MX))).toEqual(["mx.example.com"]);
    expect(first.log).toEqual(["example.com MX"]);
  });

  test("all of them, twice, before the answer is that nobody answers; each is named with its trouble", async () => {
    first.zone["example.com"] = "silent";
    second.zone["example.com"] = "refused";
    expect(await open(SHORT).ask(MX)).toEqual({
      kind: "failed",
      detail: "127.0.0.1 does not answer, 127.0.0.1 answers REFUSED",
    });
    expect(first.log).toHaveLength(2);
    expect(second.log).toHaveLength(2);
  });

  test("last, the one that was silent three times in a row, for half a minute", async () => {
    const client = open(SHORT);
    first.zone["silent.example"] = "silent";
    for (let i = 0; i < 3; i++) await client.ask({ name: "silent.example", type: "A" });
    first.log.length = 0;
    await client.ask(MX);
    expect(first.log).toEqual([]);
    now = 30 * SECOND;
    // One question finds out whether it is back; the others do not wait for that.
    first.zone["example.com"] = "silent";
    await Promise.all([client.ask(MX), client.ask(MX), client.ask(MX)]);
    expect(first.log).toEqual(["example.com MX"]);
    now = 60 * SECOND;
    first.zone["example.com"] = { MX: ["10 mx.example.com"] };
    await client.ask(MX);
    await client.ask(MX);
    expect(first.log).toHaveLength(3);
  });

  test("nobody at the port: a failure, no waiting", async () => {
    const closed = await startDnsServer();
    closed.close();
    expect(await open({ servers: [closed.address], timeout: 60 * SECOND }).ask(MX)).toMatchObject({
      kind: "failed",
      detail: expect.stringContaining("ECONNREFUSED"),
    });
  });

  test("what is no server is refused at once", () => {
    expect(() => open({ servers: ["resolver.example"] })).toThrow();
  });
});

describe("whose word about DNSSEC counts", () => {
  beforeEach(() => {
    first.zone["example.com"] = { MX: ["10 mx.example.com"], isSecure: true };
  });

  test.each([
    ["loopback", true],
    ["always", true],
    ["never", false],
  ] as const)("trust %s, a server on this machine: %s", async (trustAd, isSecure) => {
    const client = open({ trustAd });
    expect(client.validates()).toBe(isSecure);
    expect(await client.ask(MX)).toMatchObject({ kind: "reply", isSecure });
  });

  test.each([
    [["192.0.2.53"], false],
    [["[2001:db8::53]:5353"], false],
    [["::1"], true],
    [["127.0.0.53"], true],
    // Docker's forwarder: what it says is what somebody outside said.
    [["127.0.0.11"], false],
  ])("servers %j validate: %s", (servers, expected) => {
    expect(open({ servers, trustAd: "loopback" }).validates()).toBe(expected);
  });

  test("beside one that validates no other is asked: who disturbs it must not choose who answers", async () => {
    first.zone["example.com"] = "servfail";
    const client = open({ servers: [first.address, "192.0.2.53"], trustAd: "loopback" });
    expect(await client.ask(MX)).toEqual({ kind: "failed", detail: "127.0.0.1 answers SERVFAIL" });
  });

  test("a name that is not signed is not secure", async () => {
    first.zone["example.com"] = { MX: ["10 mx.example.com"] };
    expect(await open({ trustAd: "loopback" }).ask(MX)).toMatchObject({ kind: "reply", isSecure: false });
  });
});

describe("replies", () => {
  test("too long for UDP come over TCP", async () => {
    const records = Array.from({ length: 100 }, (_, i) => `${i} a-rather-long-name-${i}.example.com`);
    first.zone["example.com"] = { MX: records };
    expect(hosts(await open().ask(MX))).toHaveLength(100);
    expect(first.log).toEqual(["example.com MX", "example.com MX tcp"]);
  });

  test("cut off in the middle of a record come over TCP too", async () => {
    first.tamper = (reply, _, transport) => {
      if (transport === "tcp") return [reply];
      reply.writeUInt8(reply.readUInt8(2) | 0x02, 2);
      return [reply.subarray(0, reply.length - 5)];
    };
    expect(hosts(await open().ask(MX))).toEqual(["mx.example.com"]);
  });

  test("cut off over TCP as well: the next server", async () => {
    first.tamper = (reply) => {
      reply.writeUInt8(reply.readUInt8(2) | 0x02, 2);
      return [reply];
    };
    expect(hosts(await open().ask(MX))).toEqual(["mx.example.com"]);
    expect(second.log).toHaveLength(1);
  });

  test("TCP that is silent, closes or sends nonsense: the next server", async () => {
    for (const sent of [[], [Buffer.alloc(3)]]) {
      first.tamper = (reply, _, transport) => {
        reply.writeUInt8(reply.readUInt8(2) | 0x02, 2);
        return transport === "udp" ? [reply] : sent;
      };
      expect(hosts(await open(SHORT).ask(MX))).toEqual(["mx.example.com"]);
    }
  });

  test("a datagram that got lost is sent again before the time is over", async () => {
    const sent: Buffer[] = [];
    first.tamper = (reply, query) => (sent.push(query) === 1 ? [] : [reply]);
    expect(hosts(await open({ timeout: 2000 }).ask(MX))).toEqual(["mx.example.com"]);
    expect(sent).toEqual([sent[0], sent[0]]);
    expect(second.log).toEqual([]);
  });

  test("a server without EDNS is asked without it", async () => {
    first.knowsEdns = false;
    expect(hosts(await open().ask(MX))).toEqual(["mx.example.com"]);
    expect(first.log).toHaveLength(2);
    expect(second.log).toEqual([]);
  });

  test("forged ones are passed over: the real one comes behind them", async () => {
    const otherId = (reply: Buffer) => {
      const forged = Buffer.from(reply);
      forged.writeUInt16BE(forged.readUInt16BE(0) ^ 1, 0);
      return forged;
    };
    const otherQuestion = (reply: Buffer) => Buffer.from(reply.toString("latin1").replaceAll("com", "net"), "latin1");
    first.tamper = (reply, query) => [
      otherId(reply),
      otherQuestion(reply),
      query,
      Buffer.alloc(0),
      Buffer.alloc(5),
      reply,
    ];
    expect(hosts(await open().ask(MX))).toEqual(["mx.example.com"]);
    expect(second.log).toEqual([]);
  });

  test("the case of the question does not matter", async () => {
    first.tamper = (reply) => [Buffer.from(reply.toString("latin1").replaceAll("example", "eXAMple"), "latin1")];
    expect(hosts(await open().ask(MX))).toEqual(["mx.example.com"]);
    expect(second.log).toEqual([]);
  });

  test("one from another port never counts, even with the right id", async () => {
    const stranger = createSocket("udp4");
    first.tamper = (reply, _, __, asker) => {
      stranger.send(reply, asker, "127.0.0.1");
      return [];
    };
    expect(await open({ servers: [first.address], ...SHORT }).ask(MX)).toEqual({
      kind: "failed",
      detail: "127.0.0.1 does not answer",
    });
    stranger.close();
  });

  test("a pointer loop is passed on to the next server", async () => {
    first.tamper = (reply) => {
      const start = reply.indexOf(Buffer.from("\x07example\x03com\0\0\x0f\0\x01", "latin1"), 20);
      const loop = Buffer.from(reply);
      loop.writeUInt16BE(0xc000 | start, start);
      return [loop];
    };
    expect(hosts(await open().ask(MX))).toEqual(["mx.example.com"]);
    expect(second.log).toHaveLength(1);
  });
});

describe("reading what anybody may send", () => {
  const question = { name: "example.com", type: "MX" } as const;

  test("any bytes: never throws", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const packet = Buffer.concat([writeQuestion(7, question, "none"), bytes]);
        packet.writeUInt16BE(0x8180, 2);
        packet.writeUInt16BE(bytes.length % 8, 6);
        packet.writeUInt16BE(bytes.length % 3, 8);
        const read = readReply(packet, 7, question);
        expect(typeof read === "string" || read.rcode === 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([4, 6, 8, 10])("a count of 65,535 in the header (byte %s) is not worked off", (at) => {
    const packet = Buffer.concat([writeQuestion(7, question, "none"), Buffer.alloc(500)]);
    packet.writeUInt16BE(0x8180, 2);
    packet.writeUInt16BE(0xffff, at);
    expect(readReply(packet, 7, question)).toBe("malformed");
  });
});
