/** What files say, as the engine gets it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { mxRuleOf, providerOf } from "../../core/shaping/match.ts";
import { HOUR, MINUTE, SECOND } from "../../core/time.ts";
import { PROVIDER, REACTION, RULE, SWEEP } from "./fixtures.ts";
import { loadShapingFiles } from "./index.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "envoi-shaping-"));
  mkdirSync(join(dir, "shaping"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const write = (text: string, file = "own.toml") => writeFileSync(join(dir, "shaping", file), text);

describe("files that are in order", () => {
  test("the shipped ones load, and the last rule is for everything", () => {
    const files = loadShapingFiles(dir);
    expect(files.rules.at(-1)).toMatchObject({
      name: "default",
      origin: "shipped",
      mx: ["*"],
      connections: { min: 1, max: 20 },
      messagesPerConnection: 500,
      messagesPerHour: null,
    });
  });

  test("an empty file and no folder at all are fine", () => {
    write("# nothing yet\n");
    const files = loadShapingFiles(dir);
    expect(loadShapingFiles(join(dir, "nowhere"))).toEqual(files);
  });

  test("units, defaults and single numbers", () => {
    write(`${PROVIDER.replace("label", "warm_up = [100, 200]\nlabel")}
[[rule]]
name = "own"
provider = "example"
connections = 3
messages_per_hour = 1000
connections_per_minute = 7
counted_per = "rule"
shared = true
timeouts = { connect = 20, data = 600 }
tls = "required"
source = "us"
[[reaction]]
name = "limited"
provider = "example"
code = ["450"]
threshold = "3/10m"
scope = "provider"
action = { kind = "limit", messages_per_hour = 60 }
duration = "2h"
source = "us"
examples = [{ reply = "450 no", stage = "rcpt" }]
${SWEEP}`);
    const { providers, rules, reactions, sweeps } = loadShapingFiles(dir);
    expect(providers[0]).toEqual({ name: "example", label: "Example", mx: ["*.mx.example.org"], warmUp: [100, 200] });
    expect(rules[0]).toEqual({
      name: "own",
      origin: "own-file",
      mx: ["*.mx.example.org"],
      sources: null,
      countedPer: "rule",
      isShared: true,
      connections: { min: 1, max: 3 },
      messagesPerConnection: 100,
      messagesPerHour: { min: 100, max: 1000 },
      connectionsPerMinute: 7,
      timeouts: { connect: 20 * SECOND, data: 600 * SECOND, other: null },
      tls: "required",
    });
    expect(reactions[0]).toEqual({
      name: "limited",
      provider: "example",
      stage: null,
      code: ["450"],
      enhanced: null,
      text: null,
      threshold: { count: 3, within: 10 * MINUTE },
      scope: "provider",
      action: { kind: "limit", messagesPerHour: 60, connections: null },
      duration: 2 * HOUR,
      alert: false,
    });
    expect(sweeps[0]).toMatchObject({ action: { kind: "suspend" }, within: HOUR, duration: 4 * HOUR, provider: null });
  });

  test("the operator's come first; a provider, reaction or sweep of a shipped name takes its place", () => {
    const shipped = loadShapingFiles(dir);
    write(
      PROVIDER.replace('"example"', '"google"') +
        RULE.replace("own", "google") +
        REACTION.replace("later", "greylisting") +
        SWEEP.replace("many", "many-failures"),
    );
    const files = loadShapingFiles(dir);
    expect(files.rules).toHaveLength(shipped.rules.length + 1);
    expect(files.rules[0]).toMatchObject({ name: "google", origin: "own-file" });
    for (const table of ["providers", "reactions", "sweeps"] as const) {
      expect(files[table]).toHaveLength(shipped[table].length);
    }
    expect(providerOf(files.providers, ["a.mx.example.org"])).toBe("google");
    expect(files.reactions[0]).toMatchObject({ name: "greylisting", action: { kind: "slow" } });
    expect(files.sweeps[0]).toMatchObject({ name: "many-failures", action: { kind: "suspend" } });
  });

  test("they may be about shipped providers, and take what shipped rules are for", () => {
    write(
      RULE.replace('mx = ["*.example.org"]', 'provider = "yahoo"').replace(/examples.*\n/, "") +
        REACTION.replace("code", 'provider = "yahoo"\ncode').replace(
          "connect",
          'connect", mx = "mta5.am0.yahoodns.net',
        ),
    );
    const files = loadShapingFiles(dir);
    expect(mxRuleOf(files.rules, ["mta5.am0.yahoodns.net", "mta6.am0.yahoodns.net"], null).name).toBe("own");
  });

  test("the example of the documentation is one", () => {
    const page = readFileSync(new URL("../../../docs/shaping.md", import.meta.url), "utf8");
    write(/^```toml\n(.*?)^```/ms.exec(page)?.[1] ?? "");
    const { providers, rules, reactions, sweeps } = loadShapingFiles(dir);
    expect([providers, rules, reactions, sweeps].map(([first]) => first?.name)).toEqual([
      "example",
      "example",
      "example-too-fast",
      "example-bounces",
    ]);
  });

  test("files are read in order of their names", () => {
    write(RULE.replace("own", "second"), "b.toml");
    write(RULE.replace("own", "first").replaceAll("example.org", "first.example.org"), "a.toml");
    expect(loadShapingFiles(dir).rules.slice(0, 2)).toMatchObject([{ name: "first" }, { name: "second" }]);
  });
});
