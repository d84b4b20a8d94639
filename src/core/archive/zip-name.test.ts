import { expect, test } from "vitest";

import { formatZipName, formatZipped, parseZipName, parseZipped } from "./zip-name.ts";

const ZIP = "archives/2026-05-04/13h-0001.zip";

test("a zip and a copy inside it have names that can be read again", () => {
  expect(formatZipName({ folder: "2026-05-04/13h", number: 1 })).toBe(ZIP);
  expect(formatZipName({ folder: "2026-05-04/13h", number: 12_345 })).toBe("archives/2026-05-04/13h-12345.zip");
  expect(parseZipName("archives/2026-05-04/13h-12345.zip")).toEqual({ folder: "2026-05-04/13h", number: 12_345 });
  const copy = { zip: ZIP, name: "2026-05-04/13h/42-1207-5-sent.eml" };
  expect(formatZipped(copy)).toBe(`${ZIP}#42-1207-5-sent.eml`);
  expect(parseZipped(formatZipped(copy))).toEqual(copy);
});

test.each([
  "",
  "archives/2026-05-04/13h-0000.zip",
  "archives/2026-05-04/13h-00001.zip",
  "archives/2026-05-04/../13h-0001.zip",
  "/archives/2026-05-04/13h-0001.zip",
  `${ZIP}\n`,
])("%j is no name of a zip", (name) => {
  expect(parseZipName(name)).toBeNull();
});

test.each([
  "2026-05-04/13h/42-1207-5.eml",
  ZIP,
  `${ZIP}#`,
  `${ZIP}#../42-1207-5.eml`,
  `${ZIP}#SHA256SUMS`,
  `x${ZIP}#42-1207-5.eml`,
])("%j lies in no zip", (location) => {
  expect(parseZipped(location)).toBeNull();
});
