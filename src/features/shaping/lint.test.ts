/** The loader as a linter: each mistake has its name, its file and its line. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { AppError } from "../../platform/errors.ts";
import { PROVIDER, REACTION, RULE, SWEEP } from "./fixtures.ts";
import { loadShapingFiles } from "./index.ts";
import { lintRules } from "./lint-set.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "envoi-shaping-"));
  mkdirSync(join(dir, "shaping"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const write = (text: string, file = "own.toml") => writeFileSync(join(dir, "shaping", file), text);

/** `FILE:LINE code` of each problem that the error tells. */
function told(): string[] {
  try {
    loadShapingFiles(dir);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.code).toBe("config-invalid");
    expect(error.message).not.toContain("\n");
    const problems = error.message.matchAll(/(\S+\.toml:\d+): .+? \(([a-z]+-[a-z-]+)\)(?=; |$)/g);
    return [...problems].map(([, place = "", code]) => `${place.replace(join(dir, "shaping/"), "")} ${code}`);
  }
  return [];
}

function problemsOf(text: string): string[] {
  write(text);
  return told().map((problem) => problem.replace("own.toml:", ""));
}

describe("mistakes", () => {
  test.each<[string, string, string[]]>([
    ["no TOML", `${RULE}\n[[rule\n`, ["8 unreadable-file"]],
    ["an unknown table", `${RULE}\n[[ruel]]\nname = "a"\n`, ["8 unknown-table"]],
    ["a table that is no list", `${RULE}[sweep]\nname = "a"\n`, ["7 invalid-value"]],
    ["an unknown key", `${RULE}conections = 4\n`, ["7 unknown-key"]],
    ["an unknown key in a table of one line", `${RULE}timeouts = { conect = 4 }\n`, ["7 unknown-key"]],
    ["an unknown key of an example", REACTION.replace("stage", "phase"), ["7 invalid-value", "8 unknown-key"]],
    ["a value that is none", RULE.replace("= 3", '= "three"'), ["4 invalid-value"]],
    ["a range upside down", RULE.replace("= 3", "= { min = 4, max = 3 }"), ["4 invalid-value"]],
    ["an action that is none", REACTION.replace('"slow"', '"stop"'), ["5 invalid-value"]],
    ["a name of a provider that is none", PROVIDER.replace('"example"', '"other"'), ["2 invalid-value"]],
    ["a missing key", RULE.replace(/source.*\n/, ""), ["1 invalid-value"]],
    ["neither mx nor provider", RULE.replace(/mx.*\n/, ""), ["1 invalid-value"]],
    ["a mask that no host name matches", RULE.replace('["*.', '[".'), ["3 invalid-value"]],
    [
      "a name given twice",
      RULE + RULE.replace("*.example.org", "mx.example.net").replace("mx.example.org", "mx.example.net"),
      ["8 duplicate-name"],
    ],
    [
      "an unknown provider of a rule",
      `${RULE}${RULE.replace('"own"', '"b"').replace('mx = ["*.example.org"]', 'provider = "nobody"')}`,
      ["9 unknown-provider"],
    ],
    [
      "an unknown provider of a reaction",
      `${PROVIDER}${REACTION.replace("code", 'provider = "nobody"\ncode')}`,
      ["9 unknown-provider"],
    ],
    ["an unknown provider of a sweep", `${SWEEP}provider = "nobody"\n`, ["11 unknown-provider"]],
    ["a provider that matches nothing", PROVIDER.replace('["a.mx', '["a.xm'), ["4 dead-pattern", "6 dead-provider"]],
    [
      "an example that a provider misses",
      PROVIDER.replace(
        'examples = ["a.mx.example.org"]',
        'examples = [\n  "a.mx.example.org",\n  "mx.example.net",\n]',
      ),
      ["8 missed-example"],
    ],
    [
      "two providers that share a host",
      PROVIDER + PROVIDER.replace('"example"', '"second"').replace('"*.mx.', '"*.').replace('"a.mx.', '"mx.'),
      ["10 overlapping-providers"],
    ],
    [
      "a mask without an example",
      RULE.replace('["*.example.org"]', '["*.example.org", "*.example.net"]'),
      ["3 dead-pattern"],
    ],
    [
      "an example that the rule misses",
      RULE.replace('["mx.example.org"]', '["mx.example.org", "mx.example.net"]'),
      ["6 missed-example"],
    ],
    [
      "a rule that never applies",
      RULE + RULE.replace("own", "late").replaceAll("example.org", "mx.example.org"),
      ["9 unreachable-rule"],
    ],
    [
      "an example that an earlier rule takes",
      RULE + RULE.replace("own", "late").replace('["*.example.org"]', '["*.example.*"]'),
      ["12 missed-example"],
    ],
    ["a duration that is none", `${REACTION.replace('"slow"', '"suspend"')}duration = "soon"\n`, ["10 bad-duration"]],
    ["a duration that is missing", REACTION.replace('"slow"', '"suspend"'), ["5 bad-duration"]],
    ["a duration of what takes none", `${REACTION}duration = "1h"\n`, ["10 bad-duration"]],
    [
      "a limit that limits nothing",
      `${REACTION.replace('"slow"', '{ kind = "limit" }')}duration = "1h"\n`,
      ["10 bad-duration"],
    ],
    ["a window that is none", SWEEP.replace('"1h"', '"an hour"'), ["5 bad-duration"]],
    ["a threshold that is none", `${REACTION}threshold = "often"\n`, ["10 bad-threshold"]],
    ["a code that is none", REACTION.replace("4xx", "2xx"), ["3 bad-pattern"]],
    ["an enhanced code that is none", `${REACTION}enhanced = ["4.7"]\n`, ["10 bad-pattern"]],
    ["a pattern that cannot be read", REACTION.replace("come back", "come $back"), ["4 bad-pattern"]],
    [
      "a pattern that hits none of its examples",
      REACTION.replace('["come', '["come again", "come'),
      ["4 dead-pattern"],
    ],
    ["a reaction to everything", REACTION.replace(/code.*\n/, "").replace(/text.*\n/, ""), ["1 no-condition"]],
    ["an example that does not reach its reaction", REACTION.replace("421 Come", "521 Come"), ["8 missed-example"]],
    [
      "an example that an earlier reaction takes",
      REACTION + REACTION.replace("later", "twice"),
      ["17 overlapping-patterns"],
    ],
  ])("%s", (_, text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });

  test("all of them are told at once, from all files", () => {
    write("[[rule", "a.toml");
    write(`${RULE}conections = 4\n${SWEEP.replace("0.1", "10")}`, "b.toml");
    expect(told()).toEqual(["a.toml:1 unreadable-file", "b.toml:7 unknown-key", "b.toml:11 invalid-value"]);
  });

  test("what is no file, or no folder, cannot be read", () => {
    mkdirSync(join(dir, "shaping", "folder.toml"));
    expect(() => loadShapingFiles(dir)).toThrow("(unreadable-file)");
    mkdirSync(join(dir, "other"));
    writeFileSync(join(dir, "other", "shaping"), "");
    expect(() => loadShapingFiles(join(dir, "other"))).toThrow("(unreadable-file)");
  });

  test("text of several lines is no table", () => {
    const text = REACTION.replace('"us"', "'''\n[[reaction]]\ncode = 1\n'''");
    expect(problemsOf(`${text}coed = 1\n`)).toEqual(["13 unknown-key"]);
  });

  test("the last rule of all must be for everything", () => {
    const place = { at: () => "last.toml:7" };
    const [rule] = loadShapingFiles(dir).rules;
    if (rule === undefined) throw new Error("no shipped rule");
    const entry = { place, rule: { ...rule, mx: ["mx.example.org"] }, examples: ["mx.example.org"] };
    expect(lintRules([entry], false)).toEqual([]);
    expect(lintRules([entry], true)).toMatchObject([{ place: "last.toml:7", code: "no-last-rule" }]);
    expect(lintRules([], true)).toMatchObject([{ code: "no-last-rule" }]);
  });
});
