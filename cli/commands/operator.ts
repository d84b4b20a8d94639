/** Commands about operators: operator list, operator create, operator reset. The way in for the first administrator. */
import type { Command } from "commander";
import { text } from "node:stream/consumers";

import {
  listOperatorLines,
  provisionOperator,
  type Provisioned,
  resetOperator,
} from "../../src/features/operators/index.ts";
import { onGround, printJson, withDataDir, type DataDirOption } from "../context.ts";

type JsonOption = DataDirOption & { readonly json?: boolean };
type PasswordOption = JsonOption & { readonly passwordStdin?: boolean };
type CreateOptions = PasswordOption & { readonly name?: string; readonly role: readonly string[] };

export function addOperatorCommands(program: Command): void {
  const operator = program.command("operator").description("people who sign in: list them, add one, let one in again");
  withDataDir(operator.command("list"))
    .description("list operators")
    .option("--json", "as JSON")
    .action((options: JsonOption) =>
      onGround(options, async ({ db }) => {
        const rows = await listOperatorLines(db);
        if (options.json) return printJson(rows);
        for (const { login, name, roles, disabled } of rows) {
          process.stdout.write(`${login}\t${name}\t${roles.join(", ")}${disabled ? "\tdisabled" : ""}\n`);
        }
      }),
    );
  withDataDir(operator.command("create"))
    .description("add an operator and print the address where they choose their password (valid for three days)")
    .argument("<login>", "what they sign in with: a name or an address")
    .option("--name <name>", "of the person (default: the login)")
    .option("--role <role...>", "administrator, delivery-operator, campaign-manager, content-contributor, reports", [
      "administrator",
    ])
    .option("--password-stdin", "read the password from standard input instead")
    .option("--json", "as JSON")
    .action((login: string, options: CreateOptions) =>
      onGround(options, async ({ db, config }) => {
        const password = await readPassword(options);
        const person = { login, name: options.name ?? login, roles: options.role };
        const made = await provisionOperator(db, {
          ...person,
          password,
          publicUrl: config.publicUrl,
          now: Date.now(),
        });
        tell(made, options);
      }),
    );
  withDataDir(operator.command("reset"))
    .description("let an operator choose a new password; ends their sessions and unlocks them")
    .argument("<login>")
    .option("--second-factor", "take the authenticator app and recovery codes off too")
    .option("--password-stdin", "read the password from standard input instead")
    .option("--json", "as JSON")
    .action((login: string, options: PasswordOption & { secondFactor?: boolean }) =>
      onGround(options, async ({ db, config }) => {
        const password = await readPassword(options);
        const { publicUrl } = config;
        const secondFactor = options.secondFactor ?? false;
        tell(await resetOperator(db, { login, password, secondFactor, publicUrl, now: Date.now() }), options);
      }),
    );
}

/** Never an argument: those are seen by everybody on the machine, and kept by the shell. */
async function readPassword({ passwordStdin }: PasswordOption): Promise<string | null> {
  return passwordStdin ? (await text(process.stdin)).replace(/\r?\n$/, "") : null;
}

function tell({ login, url }: Provisioned, { json }: JsonOption): void {
  if (json) return printJson({ login, url });
  if (url === null) process.stdout.write(`${login} signs in with this password\n`);
  else {
    process.stderr.write(`${login} chooses a password here, within three days:\n`);
    process.stdout.write(`${url}\n`);
  }
}
