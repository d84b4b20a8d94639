/** The options of `envoi send` that say how a delivery is sent: pool, priority, speed, retries, and how far it goes. */
import { type Command, InvalidArgumentError, Option } from "commander";

import { settingsSchema, type Settings } from "../src/contract/index.ts";
import { SETTINGS } from "../src/core/delivery/properties.ts";
import { appError } from "../src/platform/errors.ts";

type Sending = Pick<Settings, "priority" | "retries" | "mode"> & Partial<Pick<Settings, "pool" | "speed">>;

export type SendingOptions = {
  readonly pool?: string;
  readonly priority: Settings["priority"];
  readonly speed?: number;
  readonly retries: Settings["retries"];
  readonly mode?: Settings["mode"];
  readonly testSmtp?: boolean;
};

const { retries, speed, pool } = settingsSchema.shape;

export function addSendingOptions(command: Command): Command {
  return command
    .option("--pool <name>", "send from the sources of this pool", parsePool)
    .addOption(
      new Option("--priority <level>", "share when other deliveries wait too")
        .choices(SETTINGS.priority.type.options)
        .default("normal"),
    )
    .option("--speed <n>", "messages an hour at most (default: as fast as limits let)", parseSpeed)
    .addOption(
      new Option(
        "--retries <schedule>",
        "adaptive, or fixed[:COUNT[:PERIOD]]: so often on the first day and so far apart, then daily",
      )
        .argParser(parseRetries)
        .default({ mode: "adaptive" }, "adaptive"),
    )
    .addOption(
      new Option(
        "--mode <mode>",
        "live, test-smtp (as far as RCPT, nothing is delivered), verify (no network)",
      ).choices(SETTINGS.mode.type.options),
    )
    .option("--test-smtp", "the same as --mode test-smtp");
}

export function sendingSettings(options: SendingOptions): Sending {
  if (options.testSmtp && options.mode !== undefined && options.mode !== "test-smtp") {
    throw appError("option-invalid", {
      option: "--test-smtp",
      detail: `and --mode ${options.mode} exclude each other`,
    });
  }
  return {
    priority: options.priority,
    retries: options.retries,
    mode: options.testSmtp ? "test-smtp" : (options.mode ?? "live"),
    ...(options.pool === undefined ? {} : { pool: options.pool }),
    ...(options.speed === undefined ? {} : { speed: options.speed }),
  };
}

function parsePool(text: string): string {
  const parsed = pool.safeParse(text);
  if (parsed.success && parsed.data !== undefined) return parsed.data;
  throw new InvalidArgumentError("The name of a pool has 1 to 63 characters.");
}

function parseSpeed(text: string): number {
  const parsed = speed.safeParse(/^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN);
  if (parsed.success && parsed.data !== undefined) return parsed.data;
  throw new InvalidArgumentError("The speed is a whole number of messages an hour, 1 to 100000000.");
}

/** `adaptive`, `fixed`, `fixed:5`, `fixed:5:1h`. */
function parseRetries(text: string): Settings["retries"] {
  const [name, count, period, ...more] = text.trim().split(":");
  const given = {
    mode: name,
    ...(count === undefined ? {} : { count: /^\d{1,3}$/.test(count) ? Number(count) : count }),
    ...(period === undefined ? {} : { period }),
  };
  const parsed = retries.safeParse(given);
  if (parsed.success && more.length === 0) return parsed.data;
  throw new InvalidArgumentError(
    "It is written adaptive, fixed, fixed:5 or fixed:5:1h: 1 to 100 times, so far apart as 90s, 20m, 36h or 5d.",
  );
}
