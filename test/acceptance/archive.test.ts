/** Acceptance statement 24: how many archives a delivery may have. */
import { expect, test } from "vitest";

import { chooseArchives } from "../../src/core/archive/choose-archives.ts";

test("24: a delivery may have several archives: each of them gets its copies", () => {
  const rule = { senderDomains: [], natures: [], onlyNamed: false };
  const candidates = [1, 2, 3].map((id) => ({ id, enabled: true, rule }));
  const platform = { timing: "before", strict: false, copy: "exact" } as const;
  const delivery = { senderDomain: "news.example", nature: "marketing" } as const;
  expect(chooseArchives({ on: true, archives: ["1", "3"] }, platform, candidates, delivery)).toMatchObject({
    kind: "chosen",
    archive: { archives: [1, 3] },
  });
});
