/** The inbound role over a real socket and a real database: what is answered with 250 is stored. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../test/database.ts";
import { mintTag } from "../core/tracking/token.ts";
import { loadTokenKeys, openMasterKey } from "../features/secrets/index.ts";
import { loadConfig } from "../platform/config.ts";
import { createLog } from "../platform/log.ts";
import type { MasterKey } from "../platform/seal.ts";
import { type Inbound, startInbound } from "./inbound.ts";

let database: TestDatabase;
let dir: string;
let masterKey: MasterKey;
let listener: Inbound | null;
beforeAll(async () => {
  database = await createTestDatabase();
  dir = mkdtempSync(join(tmpdir(), "envoi-inbound-"));
  masterKey = await openMasterKey(database.db, { secretKey: null, dataDir: dir }, Date.now());
  await database.db.query("insert into platform_settings (settings, updated_at) values ($1, now())", [
    JSON.stringify({ bounceDomain: "back.example" }),
  ]);
  listener = await startInbound(ground({ ENVOI_INBOUND: "127.0.0.1:0" }), false);
});
afterAll(async () => {
  await listener?.close();
  await database.drop();
  rmSync(dir, { recursive: true });
});

const ground = (env: Record<string, string>) => ({
  config: loadConfig({ ENVOI_DATA_DIR: dir, ...env }),
  db: database.db,
  databaseUrl: database.url,
  masterKey,
  log: createLog("silent", "test"),
  close: () => Promise.resolve(),
});

const send = (to: string, raw = "Subject: Undelivered\r\n\r\nno\r\n") =>
  createTransport({ host: "127.0.0.1", port: listener?.port ?? 0 }).sendMail({ envelope: { from: "", to }, raw });

test("nothing listens unless it is asked for", async () => {
  expect(await startInbound(ground({}), false)).toBeNull();
});

test("with a sandbox in the process it listens for that, and takes everything", async () => {
  const own = await startInbound(ground({}), true);
  const transport = createTransport({ host: own?.host, port: own?.port });
  expect((await transport.sendMail({ envelope: { from: "", to: "news@any.example" }, raw: "x" })).response).toMatch(
    /^250/,
  );
  await own?.close();
  await database.db.query("delete from inbound_mails");
});

test("at all addresses it is reached at the loopback", async () => {
  const wide = await startInbound(ground({ ENVOI_INBOUND: "0.0.0.0:0" }), true);
  expect(wide?.host).toBe("127.0.0.1");
  await wide?.close();
});

test("a mail to a signed address waits in the database; one to a made-up address is refused", async () => {
  const { current } = await loadTokenKeys(database.db, masterKey);
  const to = `bounces+${mintTag(current, { partId: 7, seq: 1 })}@back.example`;
  expect((await send(to)).response).toMatch(/^250/);
  await expect(send(to.replace(/.@/, "!@"))).rejects.toMatchObject({ responseCode: 550 });
  const rows = await database.db.query("select source, remote, recipient, return_path, state, raw from inbound_mails");
  expect(rows).toEqual([
    {
      source: "smtp",
      remote: "127.0.0.1",
      recipient: to,
      return_path: "",
      state: "waiting",
      raw: Buffer.from("Subject: Undelivered\r\n\r\nno\r\n"),
    },
  ]);
});

test("what the database does not take is to come again", async () => {
  await database.db.query("alter table inbound_mails rename to away");
  await expect(send("bounces@back.example")).rejects.toMatchObject({ responseCode: 451 });
  await database.db.query("alter table away rename to inbound_mails");
  expect((await send("bounces@back.example")).response).toMatch(/^250/);
});
