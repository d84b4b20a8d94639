/** `npm run bench -- NAME [options]`: the benchmarks by name. People read stderr; with --json stdout ends with one line of figures. */
import { Command, InvalidArgumentError, Option } from "commander";
import { Console } from "node:console";

import { conditions, describeConditions } from "./conditions.ts";

// The talk of a benchmark is not its result.
globalThis.console = new Console(process.stderr, process.stderr);

const program = new Command("bench")
  .description("measures Envoi on this machine; bench/README.md says how to read the figures")
  .showHelpAfterError();

function addBench(name: string, description: string, start: (options: Record<string, unknown>) => Promise<object>) {
  return program
    .command(name)
    .description(description)
    .option("--json", "end stdout with one line of figures")
    .action(async (options: Record<string, unknown>) => {
      const { json, ...rest } = options;
      const circumstances = conditions();
      process.stderr.write(`${describeConditions(circumstances)}\n`);
      const figures = await start(rest);
      if (json) process.stdout.write(`${JSON.stringify({ ...figures, conditions: circumstances })}\n`);
      else process.stdout.write(`${JSON.stringify({ ...figures }, null, 2)}\n`);
    });
}

function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("A whole number is needed.");
  return Number(text);
}

addBench("send", "send a campaign, and the same through nodemailer and Postfix", async (options) =>
  (await import("./send.ts")).run(options),
)
  .option("--messages <n>", "messages in a run", count, 20_000)
  .addOption(new Option("--size <bytes>", "of a message on the wire").choices(["10k", "50k", "100k"]).default("10k"))
  .option("--domains <n>", "destination domains, each with a server of its own", count, 20)
  .option("--senders <n>", "sender processes", count, 1)
  .option("--waiting <n>", "further recipients waiting in a delivery that is limited to one message an hour", count, 0)
  .option("--deferred <n>", "at the end, so many messages that were put off and are all due at once", count, 0)
  .option("--runs <n>", "runs of each system, in turn; medians are reported", count, 5)
  .option("--connections <n>", "connections to one destination (default: the rule that ships)", count)
  .option("--latency <ms>", "the server answers so much later", count, 0)
  .option("--smart", "in turn with a server that refuses 10 %, puts off 15 % the first time, answers after 20 ms")
  .option("--tls", "the server offers STARTTLS (it is a Node program then)")
  .option("--no-dkim", "do not sign")
  .addOption(
    new Option("--peers <which>", "compare with nodemailer and Postfix").choices(["all", "none"]).default("all"),
  )
  .option("--nodemailer-processes <n>", "nodemailer in one process and in so many", count, 2)
  .option("--profile-dir <dir>", "write a CPU profile of each sender there");
addBench(
  "archive",
  "send a campaign without copies and with them, before, strictly before and after",
  async (options) => (await import("./archive.ts")).run(options),
)
  .option("--messages <n>", "messages in a run", count, 20_000)
  .option("--senders <n>", "sender processes", count, 1)
  .option("--runs <n>", "runs of each, in turn; medians are reported", count, 3)
  .option("--archive-connections <n>", "connections to the archive", count, 10)
  .option("--profile-dir <dir>", "write a CPU profile of each sender there");
addBench("latency", "from the receiver's reply to what the API shows, at full speed", async (options) =>
  (await import("./latency.ts")).run(options),
)
  .option("--messages <n>", "messages sent", count, 20_000)
  .option("--samples <n>", "messages watched", count, 500);
addBench(
  "message",
  "make messages of 10 and 50 kB on one core, against bare signatures and nodemailer",
  async (options) => (await import("./message.ts")).run(options),
)
  .option("--runs <n>", "runs of each system, in turn; medians are reported", count, 5)
  .option("--milliseconds <n>", "length of a run", count, 700);
addBench("messages", "accept single messages, and hand them over, alone and beside a delivery", async (options) =>
  (await import("./messages.ts")).run(options),
)
  .option("--seconds <n>", "length of each measurement", count, 10)
  .option("--connections <n>", "connections that bring them", count, 32)
  .option("--rate <n>", "messages a second at which waiting is measured", count, 100)
  .option("--bulk <n>", "messages of the delivery beside", count, 20_000);
addBench("analysis", "analyse a delivery to a million recipients", async (options) =>
  (await import("./analysis.ts")).run(options),
)
  .option("--rows <n>", "recipients", count, 1_000_000)
  .option(
    "--history <n>",
    "earlier deliveries to nine tenths of them, and five filtering rules and a pressure rule",
    count,
    0,
  );
addBench("segments", "count segments of a million recipients, by what they are and what they did", async (options) =>
  (await import("./segments.ts")).run(options),
)
  .option("--rows <n>", "recipients", count, 1_000_000)
  .option("--history <n>", "earlier deliveries to nine tenths of them", count, 5);
addBench("plan", "plan a delivery to three million recipients", async (options) =>
  (await import("./plan.ts")).run(options),
)
  .option("--rows <n>", "recipients", count, 3_000_000)
  .option("--domains <n>", "recipient domains", count, 60_000);
addBench("import", "import a CSV file of a million rows", async (options) =>
  (await import("./import.ts")).run(options),
).option("--rows <n>", "rows of the file", count, 1_000_000);
addBench("live-queries", "what the live page and the message log ask, over five million messages", async (options) =>
  (await import("./live-queries.ts")).run(options),
).option("--rows <n>", "messages in the log", count, 5_000_000);
addBench("clicks", "redirect and store clicks, and the same with one INSERT per click", async (options) =>
  (await import("./clicks.ts")).run(options),
)
  .option("--rate <n>", "clicks a second at which waiting is measured", count, 3000)
  .option("--seconds <n>", "length of each measurement", count, 5)
  .option("--runs <n>", "runs of each, in turn; medians are reported", count, 3)
  .option("--connections <n>", "open connections", count, 32);
addBench("qualify", "judge labelled replies and mails: how well and how fast", async (options) =>
  (await import("./qualify.ts")).run(options),
)
  .option(
    "--corpora <dir>",
    "labelled replies and mails (default: ../shared/corpora beside the repository, when it is there)",
  )
  .option("--seconds <n>", "length of each measurement", count, 3);
addBench(
  "inbound",
  "take mail that comes back and act on it: whole, receiving alone, processing alone",
  async (options) => (await import("./inbound.ts")).run(options),
)
  .option("--mails <n>", "mails in a run", count, 10_000)
  .option("--runs <n>", "runs; medians are reported", count, 3)
  .option("--connections <n>", "connections that bring them", count, 16);

await program.parseAsync();
