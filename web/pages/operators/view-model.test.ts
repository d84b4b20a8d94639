/** States of operators, requests of the forms, filters of the audit log. */
import { expect, test } from "vitest";

import { RIGHTS as CORE_RIGHTS, ROLES as CORE_ROLES } from "../../../src/core/operators/rights.ts";
import {
  auditFilterOf,
  auditSearch,
  changedGroups,
  emptyToken,
  isAuditFiltered,
  RIGHTS,
  ROLES,
  sideText,
  stateOf,
  tokenRequestOf,
} from "./view-model.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const LATER = "2026-03-02T12:00:00.000Z";
const EARLIER = "2026-02-28T12:00:00.000Z";
const someone = { disabled: false, hasPassword: true, invitedUntil: null, lockedUntil: null };

test("every right and every role has its place", () => {
  expect(RIGHTS.toSorted()).toEqual(CORE_RIGHTS.toSorted());
  expect(ROLES.toSorted()).toEqual(CORE_ROLES.toSorted());
});

test.each([
  [{}, "active"],
  [{ lockedUntil: LATER }, "locked"],
  [{ lockedUntil: EARLIER }, "active"],
  [{ hasPassword: false, invitedUntil: LATER }, "invited"],
  [{ hasPassword: false, invitedUntil: EARLIER }, "invitation-over"],
  [{ hasPassword: false }, "invitation-over"],
  [{ invitedUntil: LATER }, "active"],
  [{ disabled: true, lockedUntil: LATER, hasPassword: false }, "disabled"],
] as const)("%o is %s", (more, state) => {
  expect(stateOf({ ...someone, ...more }, NOW)).toBe(state);
});

test("only groups that change are written, with all their other members", () => {
  const group = (id: string, members: string[]) => ({
    id,
    name: id,
    roles: [],
    version: 1,
    members: members.map((each) => ({ id: each, login: each, name: each })),
  });
  const groups = [group("a", ["1", "2"]), group("b", ["3"]), group("c", ["1"]), group("d", [])];
  const changed = changedGroups("1", ["a", "c"], ["b", "c"], groups);
  expect(changed.map((each) => [each.group.id, each.request.members])).toEqual([
    ["a", ["2"]],
    ["b", ["3", "1"]],
  ]);
});

test("a token follows its owner unless it is narrowed, and ends when it was said", () => {
  expect(tokenRequestOf({ ...emptyToken, label: " shop " }, NOW)).toEqual({
    label: "shop",
    expiresAt: "2026-05-30T12:00:00.000Z",
  });
  expect(tokenRequestOf({ ...emptyToken, narrowed: true, scopes: ["archive"], expires: "never" }, NOW)).toEqual({
    label: "",
    scopes: ["archive"],
  });
  const day = tokenRequestOf({ ...emptyToken, expires: "date", on: "2026-04-01" }, NOW).expiresAt ?? "";
  expect(new Date(day).getDate()).toBe(1);
  expect(tokenRequestOf({ ...emptyToken, expires: "date", on: "" }, NOW)).toEqual({ label: "" });
});

test("what is no day is no filter, and the last day counts whole", () => {
  const search = auditSearch({ actor: "ann", since: "2026-03-01", until: "2026-03-01", id: 12, line: "7" });
  expect(isAuditFiltered(search)).toBe(true);
  const { since, until, ...rest } = auditFilterOf(search);
  expect(Date.parse(until ?? "") - Date.parse(since ?? "")).toBe(86_400_000);
  expect(rest).toMatchObject({ actor: "ann", id: "12" });
  expect(isAuditFiltered(auditSearch({ since: "yesterday", line: "7" }))).toBe(false);
});

test("what was not there is told from what was empty", () => {
  expect([sideText(undefined), sideText(""), sideText(null), sideText(["a"])]).toEqual([
    undefined,
    "",
    "null",
    '[\n "a"\n]',
  ]);
});
