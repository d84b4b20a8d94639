/** Which addresses are looked up, which filters count, which acts are offered, what a bulk release asks for. */
import { describe, expect, test } from "vitest";

import { endOfMinute, fromLocalField, toLocalField } from "./local-time.ts";
import { isSameChoice, type ReleaseDraft, releaseDraft, releaseRequest } from "./release-draft.ts";
import { actsOf, filterOf, isAddress, isFiltered, quarantineSearch, shownStatus } from "./view-model.ts";

test.each([
  ["ann@example.com", true],
  ["josé@exämple.example", true],
  ['"a@b"@example.com', true],
  ["ann@", false],
  ["ann@example", false],
  ["ann", false],
  [undefined, false],
])("%s", (value, expected) => {
  expect(isAddress(value)).toBe(expected);
});

describe("filters in the address", () => {
  test("what the API would refuse is no filter", () => {
    const search = quarantineSearch({
      address: "ann@example.com",
      status: "valid",
      reason: "bored",
      provider: "outlook",
      domain: "example.com",
      text: 550,
      since: "yesterday",
    });
    expect(filterOf(search)).toEqual({ provider: "outlook", domain: "example.com", text: "550" });
    expect(search.address).toBe("ann@example.com");
  });

  test("a time is told in UTC, whatever zone it was written in", () => {
    const search = quarantineSearch({ status: "held", reason: "refused", since: "2026-05-04T11:05:00+02:00" });
    expect(filterOf(search)).toEqual({ status: "held", reason: "refused", since: "2026-05-04T09:05:00.000Z" });
  });

  test("the address is looked up, which is no filter", () => {
    expect(isFiltered(quarantineSearch({ address: "ann@example.com" }))).toBe(false);
    expect(isFiltered(quarantineSearch({ domain: "example.com" }))).toBe(true);
  });
});

test("held is told apart from other errors; the denylist wins", () => {
  expect(shownStatus({ status: "with-errors", held: true })).toBe("held");
  expect(shownStatus({ status: "with-errors", held: false })).toBe("with-errors");
  expect(shownStatus({ status: "denylisted", held: true })).toBe("denylisted");
});

test("an address on the denylist can only be taken off it; a valid one has nothing to be released from", () => {
  expect(actsOf("denylisted")).toEqual(["undeny"]);
  expect(actsOf("valid")).not.toContain("release");
  expect(actsOf("quarantined")).toEqual(["release", "put-in", "allow"]);
});

describe("fields of local time", () => {
  test("there and back, to the minute", () => {
    const field = toLocalField("2026-05-04T09:05:42.000Z");
    expect(field).toMatch(/^2026-05-0[345]T\d\d:\d5$/);
    expect(fromLocalField(field)).toBe("2026-05-04T09:05:00.000Z");
  });

  test.each(["", "2026-05-", "never"])("%j is no time", (field) => {
    expect(fromLocalField(field)).toBeUndefined();
  });

  test("no time is an empty field", () => {
    expect(toLocalField(undefined)).toBe("");
    expect(toLocalField("never")).toBe("");
  });

  test("a window that ends now has this minute too", () => {
    expect(endOfMinute(Date.parse("2026-05-04T09:05:42.100Z"))).toBe("2026-05-04T09:06:00.000Z");
    expect(endOfMinute(Date.parse("2026-05-04T09:05:00.000Z"))).toBe("2026-05-04T09:06:00.000Z");
  });
});

describe("a bulk release", () => {
  const now = Date.parse("2026-05-04T09:05:42.000Z");
  const draft: ReleaseDraft = { ...releaseDraft({}, now), note: " outage of the provider " };

  test("begins with what the list shows, and with the last day", () => {
    const { provider, reason, text } = releaseDraft(
      { provider: "outlook", reason: "user-unknown", text: "5.1.1" },
      now,
    );
    expect({ provider, reason, text }).toEqual({ provider: "outlook", reason: "user-unknown", text: "5.1.1" });
    expect(releaseRequest(draft, true)).toEqual({
      since: "2026-05-03T09:05:00.000Z",
      until: "2026-05-04T09:06:00.000Z",
      note: "outage of the provider",
      dryRun: true,
    });
  });

  test("asks for what was typed, without outer blanks", () => {
    const asked = releaseRequest({ ...draft, domain: " example.com ", text: "5.1.1", reason: "refused" }, false);
    expect(asked).toMatchObject({ domain: "example.com", text: "5.1.1", reason: "refused", dryRun: false });
    expect(asked).not.toHaveProperty("provider");
  });

  test.each([[{ since: "" }], [{ until: "2026-05-" }], [{ since: draft.until, until: draft.since }]])(
    "%j is no window",
    (part) => {
      expect(releaseRequest({ ...draft, ...part }, true)).toBeNull();
    },
  );

  test("a count speaks for the same choice only; the note may change", () => {
    expect(isSameChoice(draft, { ...draft, note: "other" })).toBe(true);
    expect(isSameChoice(draft, { ...draft, domain: "example.com" })).toBe(false);
  });
});
