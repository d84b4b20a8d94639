import { describe, expect, test } from "vitest";

import { applyBuiltIn, type BuiltInSetting, isActive } from "./apply-built-in.ts";
import { BUILT_IN, builtInOf } from "./built-in.ts";
import { worstLevel } from "./rule.ts";

const item = (id: string, level: "info" | "warning" | "error") => ({ id, level, title: id });
const settings = (entries: Record<string, Partial<BuiltInSetting>>) =>
  new Map(
    Object.entries(entries).map(([id, set]) => [id, { level: "warning" as const, active: true, order: 50, ...set }]),
  );

describe("built-in rules", () => {
  test("have names of their own, and each is the rule of its own items", () => {
    expect(new Set(BUILT_IN.map(({ id }) => id)).size).toBe(BUILT_IN.length);
    for (const rule of BUILT_IN) {
      for (const mask of rule.items) {
        const code = mask === "content-*" ? "content-template" : mask.replace("*", "x");
        expect(builtInOf(code)?.id, code).toBe(rule.id);
      }
    }
  });

  test.each([
    ["content-markup", "markup"],
    ["content-template", "content"],
    ["no-unsubscribe-link-text", "unsubscribe-link"],
    ["size-102k", "size"],
    ["plan", "plan"],
    ["mode-archive-strict", "mode"],
  ])("the item %s belongs to %s", (code, rule) => expect(builtInOf(code)?.id).toBe(rule));

  test("a typology without changes leaves everything as it comes, and says which rule spoke", () => {
    const items = [item("no-text-part", "warning"), item("pool", "info"), item("of-nobody", "error")];
    expect(applyBuiltIn(items, new Map())).toEqual([
      { ...items[0], rule: "text-part" },
      { ...items[1], rule: "pool" },
      items[2],
    ]);
  });

  test("a rule is raised, lowered and switched off", () => {
    const items = [item("no-unsubscribe-link", "warning")];
    const at = (set: Partial<BuiltInSetting>) => applyBuiltIn(items, settings({ "unsubscribe-link": set }));
    expect(at({ level: "error" })).toMatchObject([{ level: "error" }]);
    expect(at({ level: "info" })).toMatchObject([{ level: "info" }]);
    expect(at({ active: false })).toEqual([]);
  });

  test("lesser items of a rule stay below its level and never rise with it", () => {
    const items = [item("validity-capped", "info"), item("retries-never", "warning")];
    const levels = (level: "info" | "error") =>
      applyBuiltIn(items, settings({ validity: { level } })).map((each) => each.level);
    expect(levels("error")).toEqual(["info", "error"]);
    expect(levels("info")).toEqual(["info", "info"]);
  });

  test("what no delivery can do without is neither lowered nor switched off", () => {
    const items = [item("no-recipients", "error"), item("pool", "info")];
    const set = settings({ recipients: { level: "info", active: false }, pool: { level: "error" } });
    expect(applyBuiltIn(items, set).map(({ level }) => level)).toEqual(["error", "info"]);
    expect(isActive("recipients", set)).toBe(true);
  });

  test("lower orders speak first, equal ones as they come", () => {
    const items = [item("no-text-part", "warning"), item("size-35k", "warning"), item("attachments-many", "warning")];
    const ordered = applyBuiltIn(items, settings({ size: { order: 10 }, "text-part": { order: 60 } }));
    expect(ordered.map(({ id }) => id)).toEqual(["size-35k", "attachments-many", "no-text-part"]);
  });

  test("the gravest level of a checklist", () => {
    expect(worstLevel([])).toBeNull();
    expect(worstLevel([item("a", "info"), item("b", "error"), item("c", "warning")])).toBe("error");
    expect(worstLevel([item("a", "info")])).toBe("info");
  });
});
