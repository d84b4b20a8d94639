/** docs/errors.md and the catalogue say the same. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { CATALOGUE } from "./errors.ts";

const PAGE = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");

test("docs/errors.md lists every error with its HTTP status and exit code, in alphabetical order, and no other", () => {
  const listed = [...PAGE.matchAll(/^\| `([a-z-]+)` \| (\d+) \| (\d+) \| (.+) \|$/gm)].map(
    ([, code, status, exit]) => `${code} ${status} ${exit}`,
  );
  const known = Object.entries(CATALOGUE).map(([code, { status, exit }]) => `${code} ${status} ${exit}`);
  expect(listed).toEqual(known.toSorted());
});
