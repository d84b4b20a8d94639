/** The probe of an archive on real sockets: the way it takes, the dialogue it shows, what it never shows. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { greet, listen, readUntil, secureServer } from "../../test/dialogues/loopback.ts";
import { startS3Server } from "../../test/s3-server.ts";
import { parseAddress, type ValidAddress } from "../core/address/parse-address.ts";
import type { KnownArchive, KnownTarget, Probe } from "../features/archive/index.ts";
import { createArchiveProbe, type ProbeDeps } from "./archive-probe.ts";

const PROBE: Probe = {
  from: "errors@sender.example",
  message: "Subject: Envoi: probe of an archive\r\n\r\nThis is a probe.\r\n",
  name: "2026-05-04/13h/999999999999999-999999999999999-5.eml",
};
const ADDRESS = parseAddress("copies@archive.example") as ValidAddress;

let dataDir: string;
const endings: (() => unknown)[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "envoi-probe-"));
  endings.push(() => rmSync(dataDir, { recursive: true }));
});
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

async function serve(dialogue: (socket: Socket) => Promise<void>): Promise<number> {
  const server = await listen(dialogue);
  endings.push(() => server.close());
  return server.port;
}

const none = { kind: "unavailable", detail: "no DNS in tests" } as const;
const probeWith = (config: Partial<ProbeDeps["config"]> = {}, sandboxRoutes: ProbeDeps["sandboxRoutes"] = null) =>
  createArchiveProbe({
    config: { transport: "direct", relays: [], routes: {}, dataDir, heloName: "envoi.example", ...config },
    sandboxRoutes,
    resolver: {
      resolveMx: () => Promise.resolve(none),
      resolveAddresses: () => Promise.resolve(none),
      tlsaFor: () => Promise.resolve({ kind: "none" }),
    },
  });
const archive = (target: KnownTarget): KnownArchive => ({
  id: 1,
  name: "Journal",
  enabled: true,
  rule: { senderDomains: [], natures: [], onlyNamed: false },
  version: 1,
  target,
});
type Mailbox = Extract<KnownTarget, { kind: "smtp" }>;
const mailbox = (changes: Partial<Mailbox> = {}) =>
  archive({
    kind: "smtp",
    address: ADDRESS,
    server: null,
    tls: "opportunistic",
    connections: 1,
    ratePerMinute: null,
    returnPath: null,
    ...changes,
  });
const server = (port: number, login: { user?: string; password?: string } = {}) => ({
  host: "127.0.0.1",
  port,
  implicitTls: false,
  user: login.user ?? null,
  password: login.password ?? null,
});

async function takeMail(socket: Socket, last: string): Promise<void> {
  for (const reply of ["250 sender ok", "250 recipient ok", "354 go"]) {
    await readUntil(socket, "\r\n");
    socket.write(`${reply}\r\n`);
  }
  await readUntil(socket, "\r\n.\r\n");
  socket.write(`${last}\r\n`);
  await readUntil(socket, "QUIT\r\n");
  socket.end("221 bye\r\n");
}

describe("a mailbox", () => {
  test("on its own server: the whole dialogue, the message in a few words", async () => {
    const port = await serve(async (socket) => {
      await greet(socket, "PIPELINING");
      await takeMail(socket, "250 2.0.0 queued as 5");
    });
    const test = await probeWith()(mailbox({ server: server(port) }), PROBE);
    expect(test).toEqual({
      ok: true,
      detail: "250 2.0.0 queued as 5",
      dialogue: [
        `* connecting to 127.0.0.1:${port}`,
        "* connected to 127.0.0.1",
        "S: 220 mx",
        "C: EHLO envoi.example",
        "S: 250-mx",
        "S: 250-PIPELINING",
        "S: 250 HELP",
        "C: MAIL FROM:<errors@sender.example>",
        "S: 250 sender ok",
        "C: RCPT TO:<copies@archive.example>",
        "S: 250 recipient ok",
        "C: DATA",
        "S: 354 go",
        `C: (a probe of ${PROBE.message.length} bytes)`,
        "C: .",
        "S: 250 2.0.0 queued as 5",
        "C: QUIT",
        "S: 221 bye",
      ],
    });
  });

  test("is not there for what the server refuses", async () => {
    const port = await serve(async (socket) => {
      await greet(socket);
      await readUntil(socket, "\r\n");
      socket.write("250 ok\r\n");
      await readUntil(socket, "\r\n");
      socket.end("550 5.1.1 no such mailbox\r\n");
    });
    const test = await probeWith()(mailbox({ server: server(port) }), PROBE);
    expect(test).toMatchObject({ ok: false, detail: "550 5.1.1 no such mailbox" });
    expect(test.dialogue).toContain("S: 550 5.1.1 no such mailbox");
  });

  test.each(["PLAIN", "LOGIN"])(
    "never shows the password of AUTH %s, even when the server says it",
    async (mechanism) => {
      const password = "pass word §";
      const port = await serve(async (socket) => {
        await greet(socket, `AUTH ${mechanism}`);
        await readUntil(socket, "\r\n");
        if (mechanism === "LOGIN") {
          for (const question of ["VXNlcm5hbWU6", "UGFzc3dvcmQ6"].slice(1)) {
            socket.write(`334 ${question}\r\n`);
            await readUntil(socket, "\r\n");
          }
        }
        const said = Buffer.from(password, "utf8");
        socket.end(
          Buffer.concat([Buffer.from("535 5.7.8 "), said, Buffer.from(` ${said.toString("base64")} is wrong\r\n`)]),
        );
      });
      const test = await probeWith()(mailbox({ server: server(port, { user: "envoi", password }) }), PROBE);
      expect(test).toMatchObject({ ok: false, detail: "535 5.7.8 ******** ******** is wrong" });
      const shown = JSON.stringify(test);
      expect(shown).toMatch(new RegExp(`C: AUTH ${mechanism}( \\*{8})?"`));
      for (const secret of [password, password.slice(0, 6), Buffer.from(password).toString("base64").slice(0, 8)]) {
        expect(shown).not.toContain(secret);
      }
      expect(shown).not.toContain(Buffer.from(`\0envoi\0${password}`).toString("base64"));
    },
  );

  test("encrypted: the dialogue goes on behind STARTTLS", async () => {
    const port = await serve(async (plain) => {
      await greet(plain, "STARTTLS");
      await readUntil(plain, "STARTTLS\r\n");
      plain.write("220 go ahead\r\n");
      const socket = secureServer(plain);
      await readUntil(socket, "\r\n");
      socket.write("250 mx\r\n");
      await takeMail(socket, "250 ok");
    });
    const { ok, dialogue } = await probeWith()(mailbox({ server: server(port) }), PROBE);
    expect(ok).toBe(true);
    expect(dialogue.slice(7, 12)).toEqual([
      "C: STARTTLS",
      "S: 220 go ahead",
      "* encrypted from here on",
      "C: EHLO envoi.example",
      "S: 250 mx",
    ]);
  });

  test("whose TLS must hold and does not is not spoken to", async () => {
    const port = await serve((socket) => greet(socket));
    const test = await probeWith()(mailbox({ server: server(port), tls: "required" }), PROBE);
    expect(test).toMatchObject({ ok: false, detail: expect.stringContaining("STARTTLS is not offered") });
    expect(test.dialogue.join("\n")).not.toContain("MAIL FROM");
  });

  test("behind broken TLS is tried once more without, as other mail is", async () => {
    let connections = 0;
    const port = await serve(async (socket) => {
      if (++connections === 1) {
        await greet(socket, "STARTTLS");
        await readUntil(socket, "STARTTLS\r\n");
        socket.end("220 go ahead\r\nnot TLS\r\n");
      } else {
        await greet(socket, "STARTTLS");
        await takeMail(socket, "250 ok");
      }
    });
    const test = await probeWith()(mailbox({ server: server(port) }), PROBE);
    expect(test.ok).toBe(true);
    expect(test.dialogue).toContainEqual(expect.stringContaining("once more without"));
  });

  test("goes the way of other mail: routes, then the transport", async () => {
    const open = () =>
      serve(async (socket) => {
        await greet(socket);
        await takeMail(socket, "250 ok");
      });
    const [routed, relay, sandbox] = [await open(), await open(), await open()];
    const ways: [ReturnType<typeof probeWith>, number][] = [
      [probeWith({ routes: { "archive.example": { host: "127.0.0.1", port: routed } } }), routed],
      [probeWith({ transport: "relay", relays: [{ ...server(relay), weight: 1 }] }), relay],
      [probeWith({ transport: "sandbox" }, { "*": { host: "127.0.0.1", port: sandbox } }), sandbox],
    ];
    for (const [probe, port] of ways) {
      const test = await probe(mailbox(), PROBE);
      expect([test.ok, test.dialogue[0]]).toEqual([true, expect.stringMatching(new RegExp(`:${port}$`))]);
    }
  });

  test("without DNS, a server or the sandbox: says so and sends nothing", async () => {
    expect(await probeWith()(mailbox(), PROBE)).toMatchObject({ ok: false, detail: "no DNS in tests" });
    const sandboxElsewhere = await probeWith({ transport: "sandbox" })(mailbox(), PROBE);
    expect(sandboxElsewhere).toMatchObject({
      ok: false,
      detail: expect.stringContaining("does not run in this process"),
    });
    const port = await serve(async () => {});
    await endings.pop()?.();
    const refused = await probeWith()(mailbox({ server: server(port) }), PROBE);
    expect(refused).toMatchObject({ ok: false, detail: expect.stringContaining("ECONNREFUSED") });
  });
});

describe("a store", () => {
  const files = (directory: string | null) =>
    archive({ kind: "files", directory, zip: false, zipBatch: 10, purgeAfter: null });

  test("of files: written, read back, removed", async () => {
    const { ok, dialogue } = await probeWith()(files(null), PROBE);
    expect([ok, dialogue]).toEqual([
      true,
      [
        `C: write ${PROBE.name} (${PROBE.message.length} bytes)`,
        "S: written",
        `C: read ${PROBE.name}`,
        `S: ${PROBE.message.length} bytes, the same`,
        `C: remove ${PROBE.name}`,
        "S: removed",
      ],
    ]);
    expect(
      readdirSync(join(dataDir, "archive"), { recursive: true }).filter((name) => String(name).endsWith(".eml")),
    ).toEqual([]);
  });

  test("that is no folder says why", async () => {
    writeFileSync(join(dataDir, "file"), "");
    const test = await probeWith()(files(join(dataDir, "file")), PROBE);
    expect(test.ok).toBe(false);
    expect(test.detail).not.toBe("");
    expect(test.dialogue.at(-1)).toBe(`S: ${test.detail}`);
  });

  test("of objects: the same, and a wrong key is said without the key", async () => {
    const s3 = await startS3Server();
    endings.push(() => s3.close());
    const { accessKeyId, secretAccessKey, region } = s3.credentials;
    const bucket = archive({
      kind: "s3",
      endpoint: s3.endpoint,
      region,
      bucket: "copies",
      prefix: "mail",
      accessKeyId,
      secretAccessKey,
      pathStyle: true,
      connections: 1,
    });
    expect((await probeWith()(bucket, PROBE)).ok).toBe(true);
    expect(s3.objects.size).toBe(0);
    const wrong = { ...bucket, target: { ...bucket.target, secretAccessKey: "something wrong" } } as KnownArchive;
    const refused = await probeWith()(wrong, PROBE);
    expect(refused.ok).toBe(false);
    expect(JSON.stringify(refused)).not.toContain("something wrong");
  });
});
