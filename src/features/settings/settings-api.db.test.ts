import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createTestWebApp, type TestWebApp } from "../../../test/web-app.ts";
import { platformSettingsSchema, type Problem } from "../../contract/index.ts";
import { platformSettingsAnswerSchema } from "../../contract/responses-content.ts";
import { loadSettings } from "./index.ts";

let web: TestWebApp;
beforeAll(async () => {
  web = await createTestWebApp();
});
beforeEach(() => web.db.query("truncate platform_settings"));
afterAll(() => web.close());

const URL = "/api/v1/settings";
const put = (settings: unknown, headers: Record<string, string> = {}) => web.call("PUT", URL, settings, headers);

async function pointersOf(settings: unknown): Promise<string[]> {
  const answer = await put(settings);
  expect(answer.status).toBe(422);
  return ((answer.body as Problem).errors ?? []).map((error) => error.pointer);
}

test("as long as nobody saved any, settings are the defaults, version 0", async () => {
  const defaults = platformSettingsSchema.parse({});
  expect(await web.get(URL, platformSettingsAnswerSchema)).toEqual({ ...defaults, version: 0 });
  expect(await loadSettings(web.db)).toEqual(defaults);
});

test("what is saved is read again, domains in lower case ASCII, addresses without the blanks around them", async () => {
  const saved = await put({
    organisation: "  Maison Dupré ",
    logoUrl: "https://dupre.example/logo.png",
    language: "fr",
    errorAddress: " Bounces@dupre.example\t",
    unqualifiedAddress: "büro@dupré.example",
    bounceDomain: "Rück.Example",
    formatRules: [{ domains: ["DOCOMO.ne.jp", "*.Softbank.jp", "*.jp", "bücher.example"], format: "text" }],
    maxAttachmentBytes: 0,
  });
  expect(saved.status).toBe(200);
  expect(saved.headers["etag"]).toBe('"1"');
  expect(await web.get(URL, platformSettingsAnswerSchema)).toEqual({
    organisation: "Maison Dupré",
    logoUrl: "https://dupre.example/logo.png",
    language: "fr",
    errorAddress: "Bounces@dupre.example",
    unqualifiedAddress: "büro@dupré.example",
    forwardAddress: "",
    feedbackAddress: "",
    inboundRetention: "30d",
    archive: platformSettingsSchema.parse({}).archive,
    quarantine: platformSettingsSchema.parse({}).quarantine,
    start: platformSettingsSchema.parse({}).start,
    retention: platformSettingsSchema.parse({}).retention,
    alerts: platformSettingsSchema.parse({}).alerts,
    sender: { name: "", address: "", replyToName: "", replyTo: "" },
    senderMasks: { address: [], errorAddress: [] },
    bounceDomain: "xn--rck-hoa.example",
    unsubscribeAddress: "",
    formatRules: [{ domains: ["docomo.ne.jp", "*.softbank.jp", "*.jp", "xn--bcher-kva.example"], format: "text" }],
    validityCap: "84h",
    maxAttachmentBytes: 0,
    version: 1,
  });
});

test("senders and masks are checked, and fit each other", async () => {
  const sender = {
    name: " Shop ",
    address: "{{ delivery.id }}@shop.example",
    replyToName: "",
    replyTo: " Help@shop.example",
  };
  const senderMasks = { address: [" *@Bücher.example", "*@*.Shop.example", "*@*.Shop.example"], errorAddress: [] };
  expect((await put({ sender, senderMasks })).status).toBe(200);
  expect(await loadSettings(web.db)).toMatchObject({
    sender: { ...sender, name: "Shop", replyTo: "Help@shop.example" },
    senderMasks: { address: ["*@xn--bcher-kva.example", "*@*.shop.example"], errorAddress: [] },
  });
  expect(
    await pointersOf({
      sender: { name: "a\nb", address: "no address", replyToName: "{{ nothing.here }}", replyTo: "{% if %}@a.example" },
      senderMasks: { address: ["*", "a@b.example, c@d.example"], errorAddress: ["@shop.example"] },
    }),
  ).toEqual([
    "/sender/name",
    "/sender/address",
    "/sender/replyToName",
    "/sender/replyTo",
    "/senderMasks/address/0",
    "/senderMasks/address/1",
    "/senderMasks/errorAddress/0",
    "/sender/address",
  ]);
  const outside = { sender: { address: "a@other.example" }, senderMasks: { address: ["*@shop.example"] } };
  expect(await pointersOf(outside)).toEqual(["/sender/address"]);
  const bounces = { errorAddress: "b@other.example", senderMasks: { errorAddress: ["*@shop.example"] } };
  expect(await pointersOf(bounces)).toEqual(["/errorAddress"]);
});

test("PUT replaces: what is left out is the default again", async () => {
  await put({ organisation: "One", language: "es" });
  await put({ organisation: "Two" });
  expect(await loadSettings(web.db)).toMatchObject({ organisation: "Two", language: "en" });
});

describe("somebody else's change is not lost", () => {
  test("the version that was read replaces itself, an older one is refused", async () => {
    expect((await put({ organisation: "A" }, { "if-match": '"0"' })).status).toBe(200);
    expect((await put({ organisation: "B" }, { "if-match": '"1"' })).status).toBe(200);
    for (const stale of ['"0"', '"1"', 'W/"2"', '"x"']) {
      const refused = await put({ organisation: "C" }, { "if-match": stale });
      expect([refused.status, (refused.body as Problem).code]).toEqual([412, "version-conflict"]);
    }
    expect((await put({ organisation: "D" }, { "if-match": "*" })).headers["etag"]).toBe('"3"');
    expect(await loadSettings(web.db)).toMatchObject({ organisation: "D" });
  });

  test("of many who saw the same version exactly one wins", async () => {
    for (const seen of ["0", "1"]) {
      const names = ["A", "B", "C", "D", "E", "F"];
      const answers = await Promise.all(
        names.map((organisation) => put({ organisation }, { "if-match": `"${seen}"` })),
      );
      expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
      expect(answers.filter((answer) => answer.status === 412)).toHaveLength(names.length - 1);
    }
  });
});

describe("what cannot be is refused with its place, and nothing is saved", () => {
  test.each([
    ["/validityCap", { validityCap: "31d" }],
    ["/validityCap", { validityCap: "soon" }],
    ["/validityCap", { validityCap: "0h" }],
    ["/organisation", { organisation: "Shop\r\nBcc: x@x.example" }],
    ["/logoUrl", { logoUrl: "javascript:alert(1)" }],
    ["/logoUrl", { logoUrl: "logo.png" }],
    ["/language", { language: "de" }],
    ["/errorAddress", { errorAddress: "bounces" }],
    ["/errorAddress", { errorAddress: "Bounces <b@x.example>" }],
    ["/errorAddress", { errorAddress: "b@x.example>\r\nRCPT TO:<c@x.example" }],
    ["/errorAddress", { errorAddress: '"b b"@x.example' }],
    ["/errorAddress", { errorAddress: "bücher@x.example" }],
    ["/errorAddress", { errorAddress: "b+{{ delivery.id@x.example" }],
    ["/errorAddress", { errorAddress: "b+{{ delivery.nope }}@x.example" }],
    ["/errorAddress", { errorAddress: `${"b".repeat(32)}@back.example`, bounceDomain: "back.example" }],
    ["/unsubscribeAddress", { unsubscribeAddress: `${"b".repeat(32)}@x.example` }],
    ["/unqualifiedAddress", { unqualifiedAddress: "a@b" }],
    ["/forwardAddress", { forwardAddress: "all@back.example", bounceDomain: "back.example" }],
    ["/feedbackAddress", { feedbackAddress: "bücher@x.example" }],
    ["/inboundRetention", { inboundRetention: "181d" }],
    ["/inboundRetention", { retention: { inboundMails: "29d" } }],
    ["/retention/deliveryLogs", { retention: { deliveryLogs: "29d" } }],
    ["/retention/deliveryLogs", { retention: { deliveryLogs: "for ever" } }],
    ["/retention/trackingLogs", { retention: { trackingLogs: "100d" } }],
    ["/retention/auditLog", { retention: { auditLog: "23h" } }],
    ["/retention/nonsense", { retention: { nonsense: "5d" } }],
    ["/bounceDomain", { bounceDomain: "a..example" }],
    ["/bounceDomain", { bounceDomain: "*.x.example" }],
    ["/bounceDomain", { bounceDomain: "127.0.0.1" }],
    ["/formatRules/0/domains/1", { formatRules: [{ domains: ["a.jp", "b jp"], format: "text" }] }],
    ["/formatRules/0/domains/0", { formatRules: [{ domains: ["*"], format: "text" }] }],
    ["/formatRules/0/domains/0", { formatRules: [{ domains: ["a.*.jp"], format: "text" }] }],
    ["/formatRules/0/domains", { formatRules: [{ domains: [], format: "text" }] }],
    ["/maxAttachmentBytes", { maxAttachmentBytes: 20_000_001 }],
    ["/maxAttachmentBytes", { maxAttachmentBytes: -1 }],
    ["/versions", { versions: 3 }],
  ])("%s of %j", async (pointer, settings) => {
    expect(await pointersOf(settings)).toEqual([pointer]);
    expect(await loadSettings(web.db)).toEqual(platformSettingsSchema.parse({}));
  });

  test("all of it at once", async () => {
    const settings = { errorAddress: "x", bounceDomain: "y", formatRules: [{ domains: ["-a.jp"], format: "html" }] };
    expect((await pointersOf(settings)).toSorted()).toEqual([
      "/bounceDomain",
      "/errorAddress",
      "/formatRules/0/domains/0",
    ]);
  });
});

test("an error address elsewhere than the bounce domain may use the whole length of a local part", async () => {
  const settings = { errorAddress: `${"b".repeat(64)}@x.example`, bounceDomain: "back.example" };
  expect((await put(settings)).status).toBe(200);
});

describe("copies for the archive", () => {
  const archive = { timing: "after", strict: true, copy: "inert", giveUpAfter: "3d", debtLimit: 5 };

  test("who reads the archive is kept without blanks, each once", async () => {
    const readers = {
      networks: [" 192.0.2.7", "192.0.2.7", "10.0.0.0/8", "2001:db8::/32"],
      userAgents: [" ArchiveBot ", "ArchiveBot"],
    };
    expect((await put({ archive: { ...archive, readers } })).status).toBe(200);
    expect((await loadSettings(web.db)).archive).toEqual({
      ...archive,
      readers: { networks: ["192.0.2.7", "10.0.0.0/8", "2001:db8::/32"], userAgents: ["ArchiveBot"] },
    });
  });

  test.each([
    ["/archive/readers/networks/1", { networks: ["10.0.0.1", "10.0.0.1/33"] }],
    ["/archive/readers/networks/0", { networks: ["archive.example"] }],
    ["/archive/readers/networks/0", { networks: ["10.0.0.1/8"] }],
    ["/archive/readers/networks/0", { networks: ["::ffff:10.0.0.0/104"] }],
    ["/archive/readers/userAgents/0", { userAgents: ["Firefox/"] }],
    ["/archive/readers/userAgents/0", { userAgents: ["iPhone"] }],
    ["/archive/readers/networks/0", { networks: ["10.0.0"] }],
    ["/archive/readers/networks/0", { networks: ["10.0.0.0/8/8"] }],
    ["/archive/readers/networks/0", { networks: ["0.0.0.0/0"] }],
    ["/archive/readers/networks/0", { networks: ["::/0"] }],
    ["/archive/readers/networks/0", { networks: ["2001:db8::/129"] }],
    ["/archive/readers/userAgents/0", { userAgents: ["mozilla/5.0"] }],
    ["/archive/readers/userAgents/0", { userAgents: ["Safari"] }],
    ["/archive/readers/userAgents/0", { userAgents: ["   "] }],
    ["/archive/readers/userAgents/0", { userAgents: ["a"] }],
  ])("%s of %j", async (pointer, readers) => {
    expect(await pointersOf({ archive: { readers } })).toEqual([pointer]);
  });

  test.each([
    ["/archive/giveUpAfter", { giveUpAfter: "7 days" }],
    ["/archive/debtLimit", { debtLimit: 0 }],
    ["/archive/timing", { timing: "later" }],
  ])("%s of %j", async (pointer, changes) => {
    expect(await pointersOf({ archive: { ...archive, ...changes } })).toEqual([pointer]);
  });
});

test("an error address may be personalised", async () => {
  const errorAddress = "bounces+{{ delivery.id }}@x.example";
  expect((await put({ errorAddress: ` ${errorAddress} ` })).status).toBe(200);
  expect(await loadSettings(web.db)).toMatchObject({ errorAddress });
});
