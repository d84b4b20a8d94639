/** One line for each archive, whatever state it is in. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

import { createTestDatabase } from "../../test/database.ts";
import { seedArchive } from "../../test/seed-delivery.ts";
import { openMasterKey } from "../features/secrets/index.ts";
import { loadConfig } from "../platform/config.ts";
import { checkArchives } from "./doctor-archives.ts";

test("archives that answer, that do not, that are only known later", async () => {
  const database = await createTestDatabase();
  const dir = mkdtempSync(join(tmpdir(), "envoi-doctor-"));
  const server = createServer((socket) => socket.end());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const gone = createServer();
  await once(gone.listen(0, "127.0.0.1"), "listening");
  const { port: deadPort } = gone.address() as AddressInfo;
  await new Promise((resolve) => gone.close(resolve));
  try {
    const smtp = (at?: number) => ({
      kind: "smtp" as const,
      address: "copies@archive.example",
      ...(at === undefined ? {} : { server: `127.0.0.1:${at}` }),
    });
    await seedArchive(database.db, { name: "up", target: smtp(port) });
    await seedArchive(database.db, { name: "down", target: smtp(deadPort) });
    await seedArchive(database.db, { name: "off", enabled: false, target: smtp(deadPort) });
    await seedArchive(database.db, { name: "by name", target: smtp() });
    await seedArchive(database.db, { name: "files", target: { kind: "files" } });
    await seedArchive(database.db, { name: "folder", target: { kind: "files", directory: join(dir, "nowhere") } });
    const masterKey = await openMasterKey(database.db, { secretKey: null, dataDir: dir }, Date.now());
    const config = loadConfig({ ENVOI_DATA_DIR: dir });
    const findings = await checkArchives({ db: database.db, masterKey, config });
    expect(findings.map(({ check, level }) => `${level} ${check}`)).toEqual([
      "ok archive up",
      "warning archive down",
      "ok archive off",
      "ok archive by name",
      "ok archive files",
      "warning archive folder",
    ]);
    expect(findings[1]?.detail).toContain(`127.0.0.1:${deadPort}`);
  } finally {
    server.close();
    await database.drop();
    rmSync(dir, { recursive: true });
  }
});
