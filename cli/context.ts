/** What commands share: configuration with the options that override it, and the ground to work on. */
import type { Command } from "commander";

import { loadConfig, type Config } from "../src/platform/config.ts";
import { openGround, type Ground } from "../src/roles/ground.ts";

export type DataDirOption = { readonly dataDir?: string };

export function withDataDir(command: Command): Command {
  return command.option("--data-dir <dir>", "data directory (ENVOI_DATA_DIR)");
}

/** Configuration of a command. Commands log warnings only, unless asked for more: their output is for people and scripts. */
export function commandConfig(options: DataDirOption, overrides: Record<string, string | undefined> = {}): Config {
  return loadConfig({
    ENVOI_LOG_LEVEL: "error",
    ...process.env,
    ...(options.dataDir === undefined ? {} : { ENVOI_DATA_DIR: options.dataDir }),
    ...overrides,
  });
}

/** Runs `work` on the database of the data directory and leaves everything as it was. */
export async function onGround<T>(options: DataDirOption, work: (ground: Ground) => Promise<T>): Promise<T> {
  const ground = await openGround(commandConfig(options));
  try {
    return await work(ground);
  } finally {
    await ground.close();
  }
}

/** A line of JSON on stdout. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
