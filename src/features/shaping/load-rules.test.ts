import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { loadShapingRules } from "./load-rules.ts";

describe("shaping rules", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "envoi-shaping-"));
    mkdirSync(join(dir, "shaping"));
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const own = (text: string) => writeFileSync(join(dir, "shaping", "own.toml"), text);
  const valid = 'name = "own"\nmx = ["*.example.org"]\nconnections = 3\nmessages_per_connection = 5\nsource = "us"\n';

  test("the shipped rules load and end with one for everything", () => {
    expect(loadShapingRules(dir).at(-1)?.mx).toEqual(["*"]);
  });

  test("the operator's rules come first", () => {
    own(`[[rule]]\n${valid}messages_per_hour = 100\nexamples = ["mx.example.org"]`);
    expect(loadShapingRules(dir)[0]).toMatchObject({ name: "own", connections: 3, messagesPerHour: 100 });
  });

  test.each([
    ["an unknown key", `[[rule]]\n${valid}conections = 4\nexamples = ["mx.example.org"]`, "conections"],
    ["an example that the rule misses", `[[rule]]\n${valid}examples = ["mx.example.net"]`, "mx.example.net"],
    [
      "a rule behind one that takes everything",
      `[[rule]]\n${valid.replace("*.example.org", "*")}examples = ["a"]\n[[rule]]\n${valid.replace("own", "late")}examples = ["mx.example.org"]`,
      "late",
    ],
    ["no TOML at all", "[[rule", "own.toml"],
  ])("%s is an error that names it", (_, text, name) => {
    own(text);
    expect(() => loadShapingRules(dir)).toThrow(name);
  });
});
