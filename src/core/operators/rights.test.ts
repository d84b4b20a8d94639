import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { holds, missingToGive, RESERVED, RIGHTS, ROLE_RIGHTS, ROLES, rightsOfRoles, rightsOfToken } from "./rights.ts";

const rights = fc.option(fc.subarray(RIGHTS), { nil: null });

describe("roles", () => {
  test.each([
    ["administrator", "operators", true],
    ["delivery-operator", "deliveries.start", true],
    ["delivery-operator", "platform.write", false],
    ["campaign-manager", "deliveries.write", true],
    ["campaign-manager", "deliveries.start", false],
    ["content-contributor", "content.write", true],
    ["content-contributor", "people.read", false],
    ["reports", "reports.read", true],
    ["reports", "people.read", false],
  ] as const)("%s and %s: %s", (role, right, has) => {
    expect(holds(ROLE_RIGHTS[role], right)).toBe(has);
  });

  test("several together have what any of them has, none has nothing", () => {
    expect(rightsOfRoles([])).toEqual([]);
    fc.assert(
      fc.property(fc.subarray(ROLES), fc.constantFrom(...RIGHTS), (roles, right) => {
        expect(holds(rightsOfRoles(roles), right)).toBe(roles.some((role) => holds(ROLE_RIGHTS[role], right)));
      }),
    );
  });
});

describe("tokens", () => {
  test.each([
    ["of before that may do all", { rights: null, scopes: null }, null],
    [
      "of before without the archive",
      { rights: [], scopes: null },
      RIGHTS.filter((r) => !RESERVED.some((s) => s === r)),
    ],
    ["with scopes", { rights: null, scopes: ["archive", "reports.read"] }, ["reports.read", "archive"]],
    ["whose scopes name what it was not granted", { rights: [], scopes: ["archive"] }, []],
    ["whose scopes a later version knew", { rights: null, scopes: ["moon.write"] }, []],
  ])("%s", (_name, grant, expected) => {
    expect(rightsOfToken(grant, null)).toEqual(expected);
  });

  test("never have more than their owner, nor than their scopes", () => {
    fc.assert(
      fc.property(rights, rights, rights, fc.constantFrom(...RIGHTS), (granted, scopes, owner, right) => {
        if (!holds(rightsOfToken({ rights: granted, scopes }, owner), right)) return;
        expect([holds(owner, right), holds(scopes, right)]).toEqual([true, true]);
      }),
    );
  });
});

test("nobody gives what they lack", () => {
  expect(missingToGive(null, null)).toBeNull();
  expect(missingToGive([...RIGHTS], null)).toBe("all");
  expect(missingToGive(["reports.read"], ["reports.read", "tokens"])).toBe("tokens");
  expect(missingToGive(["reports.read"], [])).toBeNull();
});
