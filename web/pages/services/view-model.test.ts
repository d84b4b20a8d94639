import { expect, test } from "vitest";

import { serviceDraftOf, serviceRequestOf, tally } from "./view-model.ts";

test.each([7, null])("what is stored comes back as it was: %j days", (durationDays) => {
  const templates = { confirmationTemplate: "7", welcomeTemplate: null, goodbyeTemplate: "9" };
  const stored = { name: "Letter", description: "d", doubleOptIn: false, durationDays, public: true, ...templates };
  const service = {
    ...stored,
    id: "1",
    publicUrl: null,
    subscribed: 0,
    version: 1,
    createdAt: "2026-01-01T00:00:00.000Z",
    updatedAt: "2026-01-01T00:00:00.000Z",
  };
  expect(serviceRequestOf(serviceDraftOf(service))).toEqual(stored);
});

test("results are counted, and who failed is named", () => {
  const results = [
    { status: "asked", error: "" },
    { status: "failed", error: "no @" },
    { status: "asked", error: "" },
  ];
  expect(tally(results, ["a@x.example", "b", "c@x.example"])).toEqual({
    counts: [
      ["asked", 2],
      ["failed", 1],
    ],
    failed: [{ address: "b", error: "no @" }],
  });
});
