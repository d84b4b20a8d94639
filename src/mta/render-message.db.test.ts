/** The same bytes again after everything around a delivery has changed. */
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { authenticate } from "mailauth";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../test/database.ts";
import { analyse, importCsv, NOW, seedDelivery } from "../../test/seed-delivery.ts";
import { codec } from "../adapters/charset/codec.ts";
import { readSigningKey, sha256Base64, sign } from "../adapters/crypto/crypto.ts";
import { settingsSchema } from "../contract/index.ts";
import { confirmDelivery } from "../features/deliveries/index.ts";
import { saveSigningKey } from "../features/domains/index.ts";
import { saveFile } from "../features/files/index.ts";
import { openMasterKey, rotateTokenKey } from "../features/secrets/index.ts";
import type { MasterKey } from "../platform/seal.ts";
import { createRenderer } from "./render-message.ts";

let database: TestDatabase;
let dir: string;
let masterKey: MasterKey;

beforeAll(async () => {
  database = await createTestDatabase();
  dir = mkdtempSync(join(tmpdir(), "envoi-render-"));
  masterKey = await openMasterKey(database.db, { secretKey: null, dataDir: dir }, NOW);
});
afterAll(async () => {
  await database.drop();
  rmSync(dir, { recursive: true });
});

/** A renderer of a process that has just started. */
const fresh = () =>
  createRenderer(database.db, { crypto: { sha256Base64, sign }, readKey: readSigningKey, codec, masterKey });

const deps = () => ({ masterKey, readKey: readSigningKey });

function newKey(type: "rsa" | "ed25519"): { pem: string; publicKey: string } {
  const { privateKey } =
    type === "rsa" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ed25519");
  const pem = String(privateKey.export({ type: "pkcs8", format: "pem" }));
  const read = readSigningKey(pem);
  if (read.kind !== "key") throw new Error(read.detail);
  return { pem, publicKey: read.publicKey };
}

test("after edits of blocks, settings and recipient, after rotation of keys and a restart the bytes are the same", async () => {
  const { db } = database;
  const rsa = newKey("rsa");
  const ed25519 = newKey("ed25519");
  const at = { domain: "sender.example" };
  await saveSigningKey(db, deps(), { ...at, selector: "s1", privateKey: rsa.pem }, NOW);
  await saveSigningKey(db, deps(), { ...at, selector: "s2", privateKey: ed25519.pem }, NOW);
  await db.query(
    `insert into blocks (name, html, text, created_at, updated_at) values ('offer', '<b>Ten off</b>', 'Ten off', $1, $1)`,
    [new Date(NOW)],
  );
  const file = await saveFile(db, { name: "menu.txt", contentType: "text/plain", content: Buffer.from("soup") }, NOW);
  const audience = await importCsv(db, "email,first_name\nann@one.example,Ann\n");
  const id = await seedDelivery(db, {
    audience,
    content: {
      subject: "<%= recipient.first_name %>",
      html: `<style>p{color:red}</style><p><%= recipient.first_name %></p><%@ include view='offer' %>
<a href="https://shop.example/?c=<%= escapeUrl(recipient.first_name) %>">shop</a> <%@ include view='MirrorPage' %>`,
      syntax: "campaign",
    },
    settings: settingsSchema.parse({ attachments: [{ file: file.id, name: "<%= recipient.first_name %>.txt" }] }),
  });
  expect((await analyse(db, id)).items.filter(({ level }) => level === "error")).toEqual([]);
  await confirmDelivery(db, id, "test", NOW);
  const [message] = await db.query<{ part_id: number }>("select part_id from messages");
  const key = { partId: message?.part_id ?? 0, seq: 0 };
  const first = await fresh().source(key);
  expect(first?.digest).toBe("none");
  await db.query("update messages set digest = decode($1, 'base64')", [
    sha256Base64(first?.bytes.toString("latin1") ?? ""),
  ]);

  await db.query("update blocks set html = 'x', text = 'x'");
  await db.query("update recipients set attributes = '{}'");
  await db.query(
    `insert into platform_settings (settings, updated_at) values ('{"organisation": "Other", "errorAddress": "b@b.example"}', now())`,
  );
  await saveSigningKey(db, deps(), { ...at, selector: "s1", privateKey: newKey("rsa").pem }, NOW + 1);
  await rotateTokenKey(db, masterKey, NOW + 1);

  const again = await fresh().source(key);
  expect(again?.digest).toBe("match");
  expect(again?.bytes.equals(first?.bytes ?? Buffer.alloc(0))).toBe(true);
  const records: Record<string, string> = {
    "s1._domainkey.sender.example": `v=DKIM1; k=rsa; p=${rsa.publicKey}`,
    "s2._domainkey.sender.example": `v=DKIM1; k=ed25519; p=${ed25519.publicKey}`,
  };
  const { dkim } = await authenticate(again?.bytes ?? "", {
    disableArc: true,
    disableDmarc: true,
    disableBimi: true,
    resolver: async (name: string) => {
      const record = records[name];
      if (record !== undefined) return [[record]];
      throw Object.assign(new Error("none"), { code: "ENOTFOUND" });
    },
  });
  expect(dkim.results.map(({ status }) => status.result)).toEqual(["pass", "pass"]);

  await db.query("update messages set digest = decode($1, 'base64')", [sha256Base64("other bytes")]);
  expect((await fresh().source(key))?.digest).toBe("differs");
});
