/** "E-mail BCC" without a DOM. */
import { expect, test } from "vitest";

import { type Archive, platformSettingsSchema } from "../../../src/contract/index.ts";
import { archiveChoices, chosenTiming, platformBcc } from "./section-archive-model.ts";

const archive = (id: string): Archive => ({
  id,
  name: `Archive ${id}`,
  enabled: true,
  rule: { senderDomains: [], natures: [], onlyNamed: false },
  target: { kind: "files", zip: false, zipBatch: 10_000 },
  hasSecret: false,
  version: 1,
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
});

test("what the delivery does not say, the platform says", () => {
  const settings = platformSettingsSchema.parse({ archive: { timing: "after", strict: true } });
  const platform = platformBcc(settings);
  expect(platform).toEqual({ timing: "after", strict: true });
  expect(chosenTiming({ on: true }, platform)).toBe("after");
  expect(chosenTiming({ on: true, timing: "before" }, platform)).toBe("before");
  expect(platformBcc(undefined)).toEqual(platformBcc(platformSettingsSchema.parse({})));
});

test("an archive that is gone stays in the list as long as the delivery names it", () => {
  expect(archiveChoices({ on: true, archives: ["9", "1"] }, [archive("1"), archive("2")])).toEqual([
    { id: "1", archive: archive("1") },
    { id: "2", archive: archive("2") },
    { id: "9", archive: null },
  ]);
  expect(archiveChoices({ on: true }, [archive("1")]).map(({ id }) => id)).toEqual(["1"]);
});
