/** docs/operators.md shows the rights of roles as they are. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { holds, RIGHT_MEANINGS, RIGHTS, ROLE_RIGHTS, ROLES } from "./rights.ts";

test("the table of docs/operators.md is the one in force", () => {
  const docs = readFileSync(new URL("../../../docs/operators.md", import.meta.url), "utf8");
  const rows = RIGHTS.map((right) => {
    const marks = ROLES.map((role) => (holds(ROLE_RIGHTS[role], right) ? "yes" : "–"));
    return `| \`${right}\` | ${marks.join(" | ")} | ${RIGHT_MEANINGS[right]} |`;
  });
  expect(docs).toContain(
    [`| right | ${ROLES.join(" | ")} | |`, `|---|${"---|".repeat(ROLES.length + 1)}`, ...rows].join("\n"),
  );
});
