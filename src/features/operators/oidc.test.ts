/** Claims as providers write them, and addresses as somebody writes them who wants to send people elsewhere. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  claimValues,
  grantedBy,
  isDomainAllowed,
  isMultiFactor,
  mergeClaims,
  nameOf,
  verifiedEmail,
} from "../../core/operators/oidc.ts";
import { issuerProblem, returnPath } from "./oidc-addresses.ts";

test.each([
  ["https://id.example.com", null],
  ["https://login.example.com/tenant/v2.0", null],
  ["http://127.0.0.1:9000/realms/a", null],
  ["http://localhost:8080", null],
  ["http://[::1]:8080", null],
  ["http://id.example.com", "does not begin with https://"],
  ["http://127.0.0.1.example.com", "does not begin with https://"],
  ["ftp://127.0.0.1", "does not begin with https://"],
  ["https://a:b@id.example.com", "has a user, a query or a fragment"],
  ["https://id.example.com?a", "has a user, a query or a fragment"],
  ["id.example.com", "is no address"],
])("issuer %s", (text, problem) => {
  expect(issuerProblem(text)).toBe(problem);
});

test.each([
  [{ email: "Ann@Example.com", email_verified: true }, "ann@example.com"],
  [{ email: "a@b", email_verified: "true" }, "a@b"],
  [{ email: "a@b", xms_edov: "1" }, "a@b"],
  [{ email: "a@b" }, null],
  [{ email: "a@b", email_verified: false, xms_edov: 0 }, null],
  [{ email: "a@b@c", email_verified: true }, null],
  // A full-width @ becomes one when the text is made plain.
  [{ email: "a@b\uff20c", email_verified: true }, null],
  [{ email: ["a@b"], email_verified: true }, null],
  [{ email_verified: true }, null],
  [{ email: `${"a".repeat(200)}@b`, email_verified: true }, null],
])("verified e-mail of %o", (claims, email) => {
  expect(verifiedEmail(claims)).toBe(email);
});

test("a domain stands for itself only", () => {
  const allowed = (email: string) => isDomainAllowed(email, ["example.com"]);
  expect(["a@example.com", "a@sub.example.com", "a@badexample.com", "example.com@b"].map(allowed)).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect(isDomainAllowed("a@b", [])).toBe(true);
});

test("the ID token counts before user info, and an address only with what the same one says of it", () => {
  const info = { sub: "1", email: "b@b", email_verified: true, groups: ["x"] };
  expect(mergeClaims({ sub: "1", email: "a@a", email_verified: false }, info)).toEqual({
    sub: "1",
    email: "a@a",
    email_verified: false,
    groups: ["x"],
  });
  expect(mergeClaims({ sub: "1", email: "a@a" }, info)).toEqual(info);
  expect(verifiedEmail(mergeClaims({ email: "a@a" }, { email_verified: true }))).toBeNull();
});

describe("roles and groups", () => {
  const claims = { realm_access: { roles: ["b", "a", 7] }, "https://example.com/groups": "solo", sub: "1" };
  test.each([
    ["realm_access.roles", ["b", "a"]],
    ["https://example.com/groups", ["solo"]],
    ["sub.length", []],
    ["__proto__", []],
    ["constructor.name", []],
    ["", []],
  ])("values of %s", (claim, values) => {
    expect(claimValues(claims, claim)).toEqual(values);
  });

  test("of all lines that fit, each once; the default where none does", () => {
    const rules = {
      claim: "g",
      mapping: [
        { value: "a", roles: ["reports" as const], groups: ["2", "1"] },
        { value: "b", roles: ["administrator" as const, "reports" as const], groups: ["1"] },
      ],
      defaultRoles: ["content-contributor" as const],
    };
    expect(grantedBy({ g: ["b", "a"] }, rules)).toEqual({ roles: ["administrator", "reports"], groups: ["1", "2"] });
    expect(grantedBy({ g: ["c"] }, rules)).toEqual({ roles: ["content-contributor"], groups: [] });
  });
});

test("names, and whether a second factor was asked for", () => {
  expect(nameOf({ name: " ", given_name: "Ann", family_name: "Lee" }, "a@b")).toBe("Ann Lee");
  expect(nameOf({ name: 7 }, "a@b")).toBe("a@b");
  expect([{ amr: ["pwd", "mfa"] }, { amr: ["pwd"] }, { amr: "mfa" }, {}].map(isMultiFactor)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test.each([
  ["/deliveries/5?status=failed", "/deliveries/5?status=failed"],
  ["/a/../b", "/b"],
  [undefined, "/"],
  ["deliveries", "/"],
  ["//other.example", "/"],
  ["/\\other.example", "/"],
  ["/\t/other.example", "/"],
  ["/.//other.example", "/"],
  ["/a/..//other.example", "/"],
  ["/%2e//other.example", "/"],
  ["https://other.example", "/"],
  ["javascript:alert(1)", "/"],
  ["/api/v1/session", "/"],
  ["/x/../api/v1/files", "/"],
  [`/${"a".repeat(2000)}`, "/"],
])("back to %s", (asked, path) => {
  expect(returnPath(asked)).toBe(path);
});

test("wherever it leads, it is here", () => {
  const signs = fc.constantFrom(
    "/",
    "\\",
    ".",
    "..",
    "%2f",
    "%5c",
    "@",
    ":",
    "?",
    "#",
    "\t",
    "\n",
    " ",
    "a",
    "other.example",
    "https:",
  );
  fc.assert(
    fc.property(fc.array(signs, { maxLength: 12 }), (parts) => {
      const path = returnPath(`/${parts.join("")}`);
      expect(new URL(path, "https://envoi.example.com").origin).toBe("https://envoi.example.com");
      expect(path.startsWith("/")).toBe(true);
    }),
  );
});
