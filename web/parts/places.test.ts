/** What each role finds in the navigation, and which right a page asks for. */
import { expect, test } from "vitest";

import { type Role, rightsOfRoles } from "../../src/core/operators/rights.ts";
import { entryOf, GROUPS, isBelow, needsOf } from "./places.ts";

const PLACES = GROUPS.flatMap(({ places }) => places.map(({ to }) => to));

test("an administrator finds every place, others what they may read", () => {
  const found = (role: Role) => PLACES.filter((to) => entryOf(to, rightsOfRoles([role])) !== null);
  expect(found("administrator")).toEqual(PLACES);
  for (const to of ["/recipients", "/segments", "/quarantine", "/messages"] as const) {
    expect(found("campaign-manager")).toContain(to);
    expect(found("content-contributor")).not.toContain(to);
  }
  expect(found("content-contributor")).toEqual(expect.arrayContaining(["/deliveries", "/templates", "/blocks"]));
  expect(found("reports")).not.toContain("/templates");
  expect(found("reports")).not.toContain("/operators");
});

test("who may make tokens and nothing else of operators is led to tokens", () => {
  expect(entryOf("/operators", rightsOfRoles(["campaign-manager"]))).toBe("/tokens");
  expect(entryOf("/operators", ["audit.read"])).toBe("/audit");
  expect(entryOf("/operators", null)).toBe("/operators");
});

test.each([
  ["/deliveries/12", "reports.read"],
  ["/deliveries/12/messages", "people.read"],
  ["/deliveries/12/exclusions", "people.read"],
  ["/deliveries/12/content", "reports.read"],
  ["/deliveries/new", "deliveries.write"],
  ["/series/3", "reports.read"],
  ["/series/new", "deliveries.write"],
  ["/inbound-mails", "people.read"],
  ["/inbound-mails/mailboxes/3", "platform.read"],
  ["/tokens", "tokens"],
  ["/account", undefined],
  ["/nowhere", undefined],
])("%s needs %s", (path, right) => {
  expect(needsOf(path)?.read).toBe(right);
});

test("a page is below its own place only", () => {
  expect(isBelow("/bounce-rules/7", "/reply-texts")).toBe(true);
  expect(isBelow("/lists", "/recipients")).toBe(true);
  expect(isBelow("/listsomething", "/recipients")).toBe(false);
});
