import { describe, expect, test } from "vitest";

import type { ArchiveRule } from "./archive.ts";
import { chooseArchives, type Candidate } from "./choose-archives.ts";

const ALL: ArchiveRule = { senderDomains: [], natures: [], onlyNamed: false };
const PLATFORM = { timing: "before", strict: true, copy: "exact" } as const;
const DELIVERY = { senderDomain: "news.example", nature: "marketing" } as const;

const archive = (id: number, rule: Partial<ArchiveRule> = {}, enabled = true): Candidate => ({
  id,
  enabled,
  rule: { ...ALL, ...rule },
});

const chosen = (candidates: Candidate[], wish: object = {}) => {
  const result = chooseArchives({ on: true, ...wish }, PLATFORM, candidates, DELIVERY);
  return result.kind === "chosen" ? result.archive.archives : result;
};

describe("which archives", () => {
  test("off: none, whatever there is", () => {
    expect(chooseArchives({ on: false, archives: ["1"] }, PLATFORM, [archive(1)], DELIVERY)).toEqual({ kind: "off" });
  });
  test.each<[string, Candidate[], number[]]>([
    ["all whose rule matches", [archive(1), archive(2)], [1, 2]],
    [
      "the sender's domain",
      [archive(1, { senderDomains: ["other.example"] }), archive(2, { senderDomains: ["news.example"] })],
      [2],
    ],
    ["the nature", [archive(1, { natures: ["service"] }), archive(2, { natures: ["service", "marketing"] })], [2]],
    ["not those that must be named", [archive(1, { onlyNamed: true }), archive(2)], [2]],
    ["not those that are switched off", [archive(1, {}, false), archive(2)], [2]],
  ])("%s", (_name, candidates, expected) => {
    expect(chosen(candidates)).toEqual(expected);
  });
  test("named ones, whatever their rule says", () => {
    const candidates = [archive(1, { onlyNamed: true }), archive(2), archive(3, { natures: ["service"] })];
    expect(chosen(candidates, { archives: ["3", "1"] })).toEqual([1, 3]);
  });
  test("one that is named and not there: none at all, and it is said which", () => {
    expect(chosen([archive(1), archive(2, {}, false)], { archives: ["1", "2", "7"] })).toEqual({
      kind: "none",
      unknown: ["2", "7"],
    });
  });
  test("nobody takes them", () => {
    expect(chosen([archive(1, { natures: ["service"] })])).toEqual({ kind: "none", unknown: [] });
  });
});

describe("how", () => {
  const how = (wish: object) => {
    const result = chooseArchives({ on: true, ...wish }, PLATFORM, [archive(1)], DELIVERY);
    return result.kind === "chosen" ? `${result.archive.timing} ${result.archive.strict}` : result.kind;
  };
  test.each([
    [{}, "before true"],
    [{ strict: false }, "before false"],
    [{ timing: "after" }, "after false"],
    [{ timing: "after", strict: true }, "after false"],
  ])("%o: %s", (wish, expected) => {
    expect(how(wish)).toBe(expected);
  });
});
