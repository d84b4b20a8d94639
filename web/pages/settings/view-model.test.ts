/** The platform's settings as a form. */
import { expect, test } from "vitest";

import { platformSettingsSchema } from "../../../src/contract/index.ts";
import { draftOf, errorsOf, isSize, requestOf } from "./view-model.ts";

const settings = platformSettingsSchema.parse({
  organisation: "Shop",
  language: "fr",
  errorAddress: "bounces@shop.example",
  formatRules: [{ domains: ["docomo.example", "*.docomo.example"], format: "text" }],
  maxAttachmentBytes: 2_500_000,
  archive: {
    timing: "after",
    strict: true,
    copy: "inert",
    giveUpAfter: "3d",
    debtLimit: 5000,
    readers: { networks: ["192.0.2.7", "2001:db8::/32"], userAgents: ["Archive Indexer/2"] },
  },
});

test("what is read and written back is the same", () => {
  expect(requestOf(draftOf({ ...settings, version: 4 }))).toEqual(settings);
});

test("outer blanks go; domains of a rule may be parted in any way", () => {
  const draft = { ...draftOf({ ...settings, version: 1 }), organisation: " Shop ", maxAttachment: "1,5" };
  const request = requestOf({
    ...draft,
    formatRules: [{ domains: " a.example,\nb.example ; c.example", format: "html" }],
  });
  expect(request.organisation).toBe("Shop");
  expect(request.maxAttachmentBytes).toBe(1_500_000);
  expect(request.formatRules).toEqual([{ domains: ["a.example", "b.example", "c.example"], format: "html" }]);
});

test.each([
  ["5", true],
  ["0", true],
  ["2.5", true],
  [" 1,5 ", true],
  ["", false],
  ["5 MB", false],
  ["-1", false],
])("%j is a size: %s", (text, expected) => {
  expect(isSize(text)).toBe(expected);
});

test("networks may be parted in any way, user agents only by lines; an empty limit is the default", () => {
  const { archive } = requestOf({
    ...draftOf({ ...settings, version: 1 }),
    giveUpAfter: " 7d ",
    debtLimit: "",
    readerNetworks: "192.0.2.7, 10.0.0.0/8\n2001:db8::/32 ",
    readerAgents: " Archive Indexer/2 \r\n\nBackup; X\n",
  });
  expect(archive).toMatchObject({
    giveUpAfter: "7d",
    debtLimit: 100_000,
    readers: {
      networks: ["192.0.2.7", "10.0.0.0/8", "2001:db8::/32"],
      userAgents: ["Archive Indexer/2", "Backup; X"],
    },
  });
});

test("each refusal lands at its field", () => {
  const errors = [
    { pointer: "/bounceDomain", code: "x", message: "no domain" },
    { pointer: "/formatRules/0/domains/1", code: "x", message: "no such domain" },
    { pointer: "/archive/readers/networks/1", code: "x", message: "no network" },
    { pointer: "/retention/auditLog", code: "x", message: "too short" },
    { pointer: "/nowhere", code: "x", message: "?" },
  ];
  expect(errorsOf({ type: "about:blank", title: "", status: 422, detail: "", code: "invalid-input", errors })).toEqual({
    fields: { bounceDomain: "no domain", formatRules: "no such domain", readerNetworks: "no network" },
    periods: { auditLog: "too short" },
    others: ["/nowhere: ?"],
  });
});
