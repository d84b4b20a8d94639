/**
 * Commands that run roles: start, demo, sandbox. What roles are made of is loaded when one runs: it would be a third of the start of
 * every other command.
 */
import type { Command } from "commander";

import type { SandboxProfile } from "../../src/sandbox/index.ts";
import { loadConfig } from "../../src/platform/config.ts";
import { appError } from "../../src/platform/errors.ts";
import { untilInterrupted } from "../until-interrupted.ts";
import { withDataDir, type DataDirOption } from "../context.ts";

export function addRunCommands(program: Command): void {
  withDataDir(program.command("start"))
    .description("run all roles (ENVOI_ROLES)")
    .action(async (options: DataDirOption) => {
      const { startEnvoi } = await import("../../src/main.ts");
      const envoi = await startEnvoi(configOf(options));
      // Before anybody can know that it runs and end it.
      const interrupted = untilInterrupted();
      process.stdout.write(`${envoi.banner}\n`);
      await interrupted;
      await envoi.close();
    });
  withDataDir(program.command("demo"))
    .description("send a sample campaign to 10,000 generated people through the sandbox internet")
    .option("--exit", "end when the delivery is finished instead of staying up")
    .option("--recipients <n>", "how many people", (text) => readCount("--recipients", text), 10_000)
    .action(async (options: DataDirOption & { exit?: boolean; recipients: number }) => {
      const { runDemo } = await import("../demo.ts");
      await runDemo(configOf(options), { exit: options.exit ?? false, recipients: options.recipients });
    });
  program
    .command("sandbox")
    .description("run the simulated internet alone")
    .option("--port <port>", "port to listen on", (text) => readCount("--port", text), 2525)
    .option("--host <host>", "address to listen on", "127.0.0.1")
    .option("--profile <profile>", "accept (everything) or internet (a believable mix)", "internet")
    .option(
      "--replies <file>",
      "replies (JSON lines with id and text) for reply-ID@sandbox.test (ENVOI_SANDBOX_REPLIES)",
    )
    .action(async (options: { port: number; host: string; profile: string; replies?: string }) => {
      const { formatStats, loadReplies, startSandbox } = await import("../../src/sandbox/index.ts");
      const sandbox = await startSandbox({
        host: options.host,
        port: options.port,
        profile: readProfile(options.profile),
        replies: await loadReplies(options.replies ?? configOf({}).sandboxReplies),
      });
      process.stdout.write(`sandbox internet on ${sandbox.host}:${sandbox.port} (profile ${options.profile})\n`);
      await untilInterrupted();
      process.stdout.write(`${formatStats(sandbox.stats())}\n`);
      await sandbox.close();
    });
}

function configOf(options: DataDirOption) {
  return loadConfig({ ...process.env, ...(options.dataDir === undefined ? {} : { ENVOI_DATA_DIR: options.dataDir }) });
}

function readCount(option: string, text: string): number {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 0) throw appError("option-invalid", { option, detail: `"${text}" is not a number` });
  return n;
}

function readProfile(text: string): SandboxProfile {
  if (text === "accept" || text === "internet") return text;
  throw appError("option-invalid", { option: "--profile", detail: `"${text}" is not accept or internet` });
}
