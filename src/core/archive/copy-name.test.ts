import fc from "fast-check";
import { expect, test } from "vitest";

import { folderOf, formatCopyName, parseCopyName } from "./copy-name.ts";

test("as the incumbent names them", () => {
  const name = { folder: folderOf(Date.parse("2026-05-04T13:59:59Z")), deliveryId: 42, key: { partId: 1207, seq: 5 } };
  expect(formatCopyName({ ...name, progress: "made" })).toBe("2026-05-04/13h/42-1207-5.eml");
  expect(formatCopyName({ ...name, progress: "sent" })).toBe("2026-05-04/13h/42-1207-5-sent.eml");
  expect(formatCopyName({ ...name, progress: "sent-archived" })).toBe("2026-05-04/13h/42-1207-5-sent-archived.eml");
});

test("a name is read as it was written", () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date("2020-01-01T00:00:00Z"), max: new Date("2099-01-01T00:00:00Z"), noInvalidDate: true }),
      fc.integer({ min: 1, max: 1e12 }),
      fc.integer({ min: 1, max: 1e12 }),
      fc.integer({ min: 0, max: 999_999_999 }),
      fc.constantFrom("made", "sent", "sent-archived" as const),
      (at, deliveryId, partId, seq, progress) => {
        const name = { folder: folderOf(at.getTime()), deliveryId, key: { partId, seq }, progress };
        expect(parseCopyName(formatCopyName(name))).toEqual(name);
      },
    ),
  );
});

test.each([
  "../2026-05-04/13h/42-1207-5.eml",
  "2026-05-04/13h/42-1207.eml",
  "2026-05-04/13h/42-1207-5.eml.tmp",
  "2026-05-04/13/42-1207-5.eml",
  "2026-05-04/13h/42-1207-5-archived.eml",
  "2026-05-04/13h/0-1207-5.eml",
  "",
])("%j is no name of a copy", (name) => {
  expect(parseCopyName(name)).toBeNull();
});
