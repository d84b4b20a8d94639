/**
 * The acceptance statements that Envoi was made after have the numbers 1 to 36. Each that concerns e-mail is a test whose name, or
 * whose group's name, begins with its number: here or where the matter is tested anyway.
 */
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const NUMBERS = Array.from({ length: 36 }, (_, i) => i + 1);

test("each statement has a test", () => {
  const numbered = /(?:\b(?:test|it|describe)|\](?: as const)?\))\(\s*["'`](\d{1,2}): /g;
  const found = globSync("{src,test}/**/*.test.ts", { cwd: ROOT }).flatMap((path) =>
    [...readFileSync(ROOT + path, "utf8").matchAll(numbered)].map(([, number]) => Number(number)),
  );
  expect([...new Set(found)].toSorted((a, b) => a - b)).toEqual(NUMBERS);
});
