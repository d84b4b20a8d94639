/** Foreign HTML cannot phone home. */
import { expect, test } from "vitest";

import { harmless } from "./harmless.ts";

test("the policy stands before anything the mail says", () => {
  const page = harmless(
    '<meta http-equiv="Content-Security-Policy" content="default-src *"><img src="https://x.test/p.gif">',
  );
  expect(page.indexOf("default-src 'none'")).toBeLessThan(page.indexOf("default-src *"));
  expect(page.indexOf("default-src 'none'")).toBeLessThan(page.indexOf("<img"));
});

test("pictures come from elsewhere only when asked for, nothing else does", () => {
  expect(harmless("")).toContain("img-src data: cid:;");
  expect(harmless("", true)).toContain("img-src data: cid: http: https:;");
  expect(harmless("", true)).toContain("default-src 'none'");
});
