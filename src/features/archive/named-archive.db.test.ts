/** The archive of `--bcc ADDRESS`. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { openMasterKey } from "../secrets/index.ts";
import { ensureNamedArchive, loadArchives } from "./index.ts";

const URL = "/api/v1/archives";
const SMTP = { kind: "smtp", address: "copies@archive.example" };

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
beforeEach(() => web.db.query("truncate archives, platform_settings"));
afterAll(() => web.close());

const post = (target: unknown, fields: object = {}) => web.call("POST", URL, { name: "Journal", target, ...fields });
const load = async () => loadArchives(web.db, await openMasterKey(web.db, { secretKey: null, dataDir: web.dir }, 1));
const idOf = (answer: { body: unknown }) => (answer.body as { id: string }).id;

describe("the archive of an address", () => {
  test("is made once, only for deliveries that name it, and found again however the address is written", async () => {
    const ids = await Promise.all(
      ["copies@archive.example", " Copies@ARCHIVE.example", "copies@archive.example"].map((address) =>
        ensureNamedArchive(web.db, address, 1),
      ),
    );
    expect(new Set(ids).size).toBe(1);
    expect(await load()).toMatchObject([
      {
        id: ids[0],
        rule: { onlyNamed: true },
        target: { kind: "smtp", server: null, address: { domain: "archive.example" } },
      },
    ]);
  });

  test("is one that is there, enabled before disabled", async () => {
    await post(SMTP, { name: "off", enabled: false });
    const on = idOf(await post(SMTP, { name: "on" }));
    expect(await ensureNamedArchive(web.db, "COPIES@archive.example", 1)).toBe(Number(on));
  });

  test("gets another name when its own is taken", async () => {
    await post({ ...SMTP, address: "other@archive.example" }, { name: "copies@archive.example" });
    const id = await ensureNamedArchive(web.db, "copies@archive.example", 1);
    expect((await load()).find((archive) => archive.id === id)?.name).toBe("copies@archive.example (2)");
  });

  test.each(["", "nobody", "a@b.example, c@d.example", "x@bounces.example"])("%j is refused", async (address) => {
    await web.call("PUT", "/api/v1/settings", { bounceDomain: "bounces.example" });
    await expect(ensureNamedArchive(web.db, address, 1)).rejects.toMatchObject({ code: "invalid-input" });
    expect(await load()).toEqual([]);
  });
});
