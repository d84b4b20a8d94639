import { Command } from "commander";
import { describe, expect, test } from "vitest";

import { addSendingOptions, sendingSettings, type SendingOptions } from "./sending-options.ts";

function settingsOf(...args: string[]) {
  const command = addSendingOptions(new Command("send"))
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  command.parse(args, { from: "user" });
  return sendingSettings(command.opts<SendingOptions>());
}

const DEFAULTS = { priority: "normal", retries: { mode: "adaptive" }, mode: "live" };

test.each([
  [[], {}],
  [["--priority", "very-high"], { priority: "very-high" }],
  [["--speed", "5000"], { speed: 5000 }],
  [["--pool", " News "], { pool: "News" }],
  [["--retries", "adaptive"], {}],
  [["--retries", "fixed"], { retries: { mode: "fixed", count: 5, period: "1h" } }],
  [["--retries", "fixed:3"], { retries: { mode: "fixed", count: 3, period: "1h" } }],
  [["--retries", "fixed:3:90m"], { retries: { mode: "fixed", count: 3, period: "90m" } }],
  [["--mode", "verify"], { mode: "verify" }],
  [["--mode", "live"], {}],
  [["--test-smtp"], { mode: "test-smtp" }],
  [["--test-smtp", "--mode", "test-smtp"], { mode: "test-smtp" }],
] as const)("%j", (args, expected) => expect(settingsOf(...args)).toEqual({ ...DEFAULTS, ...expected }));

describe("is refused with the option's name", () => {
  test.each([
    ["--priority", "urgent"],
    ["--speed", "0"],
    ["--speed", "1e3"],
    ["--speed", "fast"],
    ["--speed", "-5"],
    ["--pool", " "],
    ["--retries", "never"],
    ["--retries", "fixed:0"],
    ["--retries", "fixed:x"],
    ["--retries", "fixed:3:soon"],
    ["--retries", "fixed:3:1h:1"],
    ["--retries", "adaptive:3"],
    ["--mode", "dry"],
  ])("%s %s", (option, value) => expect(() => settingsOf(`${option}=${value}`)).toThrow(option));

  test("two modes at once", () => {
    expect(() => settingsOf("--test-smtp", "--mode", "verify")).toThrow("--test-smtp");
    expect(() => settingsOf("--test-smtp", "--mode", "live")).toThrow("--test-smtp");
  });
});
