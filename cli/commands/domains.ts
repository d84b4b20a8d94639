/** Commands about sending domains and their keys: domains, domains add-key, domains retire-key, rotate-token-key. */
import { InvalidArgumentError, Option, type Command } from "commander";
import { readFile } from "node:fs/promises";

import { generateSigningKey, readSigningKey } from "../../src/adapters/crypto/crypto.ts";
import type { DkimKey, Domain } from "../../src/contract/index.ts";
import {
  generateKey,
  listDomains,
  loadDomain,
  presentKey,
  readDomainName,
  retireKey,
  saveSigningKey,
} from "../../src/features/domains/index.ts";
import { rotateTokenKey } from "../../src/features/secrets/index.ts";
import { appError, errorText } from "../../src/platform/errors.ts";
import { createDomainChecks } from "../../src/roles/domain-checks.ts";
import type { Ground } from "../../src/roles/ground.ts";
import { onGround, printJson, withDataDir, type DataDirOption } from "../context.ts";
import { parseId } from "../send-options.ts";

type JsonOption = DataDirOption & { readonly json?: boolean };
type AddKeyOptions = JsonOption & {
  readonly selector?: string;
  readonly algorithm: DkimKey["algorithm"];
  readonly bits?: number;
  readonly canonicalization?: DkimKey["canonicalization"];
  readonly pem?: string;
};

const PAGE = 500;
const SIZES = [2048, 3072, 4096];

export function addDomainCommands(program: Command): void {
  const domains = withDataDir(program.command("domains"))
    .description("list sending domains, or show the keys of one and what DNS says about it")
    .argument("[name]", "domain, like example.com")
    .option("--json", "as JSON")
    .action((name: string | undefined, options: JsonOption) =>
      onGround(options, (ground) =>
        name === undefined ? printDomains(ground, options) : printDomain(ground, name, options),
      ),
    );
  addKeyCommands(domains);
  withDataDir(program.command("rotate-token-key"))
    .description("sign new links with a new key; those that went out stay valid")
    .action((options: DataDirOption) =>
      onGround(options, async ({ db, masterKey }) => {
        const id = await rotateTokenKey(db, masterKey, Date.now());
        process.stdout.write(`token key ${id} signs the links of deliveries that are analysed from now on\n`);
      }),
    );
}

function addKeyCommands(domains: Command): void {
  withDataDir(domains.command("add-key"))
    .description("make a DKIM key, or bring one along, and print the DNS record to publish")
    .argument("<name>", "domain, like example.com")
    .option("--selector <selector>", "name of the key in DNS (default: a new one)")
    .addOption(new Option("--algorithm <algorithm>").choices(["rsa-sha256", "ed25519-sha256"]).default("rsa-sha256"))
    .option("--bits <bits>", `of an RSA key: ${SIZES.join(", ")}`, parseBits)
    .addOption(
      new Option("--canonicalization <header/body>", "default: relaxed/relaxed").choices([
        "relaxed/relaxed",
        "relaxed/simple",
        "simple/relaxed",
        "simple/simple",
      ]),
    )
    .option("--pem <file>", "private key to bring along; needs --selector")
    .option("--json", "as JSON")
    .action((name: string, options: AddKeyOptions, command: Command) =>
      onGround(withParentOptions(options, command), async (ground) => {
        const key = await addKey(ground, name, options);
        if (withParentOptions(options, command).json) printJson(key);
        else printRecord(key);
      }),
    );
  withDataDir(domains.command("retire-key"))
    .description("sign no further deliveries with a key")
    .argument("<name>", "domain, like example.com")
    .argument("<id>", "of the key, as `envoi domains NAME` shows it", parseId)
    .action((name: string, id: number, options: DataDirOption, command: Command) =>
      onGround(withParentOptions(options, command), async ({ db }) => {
        const domain = readDomainName(name, "NAME");
        const key = presentKey(await retireKey(db, domain, id, Date.now()));
        process.stdout.write(`key ${key.id} (${key.record.name}) signs no further deliveries\n`);
      }),
    );
}

/** `envoi domains --data-dir X add-key …` gives the option to the outer command. */
function withParentOptions<T extends JsonOption>(options: T, command: Command): T {
  return { ...command.parent?.opts<JsonOption>(), ...options };
}

function parseBits(text: string): number {
  const bits = Number(text);
  if (!SIZES.includes(bits)) throw new InvalidArgumentError(`It is one of ${SIZES.join(", ")}.`);
  return bits;
}

async function addKey({ db, masterKey }: Ground, name: string, options: AddKeyOptions): Promise<DkimKey> {
  const deps = { masterKey, readKey: readSigningKey, generate: generateSigningKey };
  const { selector, canonicalization } = options;
  const domain = readDomainName(name, "NAME");
  if (options.pem === undefined) {
    const { algorithm, bits } = options;
    return presentKey(await generateKey(db, deps, { domain, selector, algorithm, bits, canonicalization }, Date.now()));
  }
  if (selector === undefined)
    throw appError("option-invalid", { option: "--selector", detail: "is needed with --pem" });
  const privateKey = await readPem(options.pem);
  return presentKey(await saveSigningKey(db, deps, { domain, selector, privateKey, canonicalization }, Date.now()));
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw appError("file-unreadable", { file, detail: errorText(error) });
  }
}

async function printDomains({ db }: Ground, { json }: JsonOption): Promise<void> {
  const all: Omit<Domain, "checks">[] = [];
  for (let page = await listDomains(db, "", PAGE); page.length > 0; ) {
    all.push(...page);
    page = await listDomains(db, page.at(-1)?.name ?? "", PAGE);
  }
  if (json) return printJson(all);
  for (const { name, keys } of all) {
    const active = keys.filter((key) => key.state === "active");
    const retired = keys.length - active.length;
    const selectors = active.map((key) => key.selector).join(", ") || "no active key";
    process.stdout.write(`${name}\t${selectors}${retired > 0 ? `\t${retired} retired` : ""}\n`);
  }
}

async function printDomain({ db, config }: Ground, text: string, { json }: JsonOption): Promise<void> {
  const name = readDomainName(text, "NAME");
  const [{ keys }, checks] = await Promise.all([loadDomain(db, name), createDomainChecks(config, db)(name)]);
  if (checks.some((check) => check.status === "error")) process.exitCode = 1;
  if (json) return printJson({ name, keys, checks });
  for (const key of keys) {
    const bits = key.bits === null ? "" : ` ${key.bits} bits`;
    process.stdout.write(
      `key ${key.id}: ${key.record.name}, ${key.algorithm}${bits}, ${key.canonicalization}, ${key.state}\n`,
    );
  }
  for (const check of checks) {
    process.stdout.write(`${check.status.padEnd(7)} ${check.id} ${check.name}\n`);
    process.stdout.write(
      `        expected: ${check.expected}\n        found:    ${check.found}\n        ${check.detail}\n`,
    );
  }
}

/** As a line of a zone file. */
function printRecord({ id, record }: DkimKey): void {
  const strings = record.strings.map((string) => `"${string}"`).join(" ");
  process.stderr.write(`key ${id} signs deliveries that are confirmed from now on; publish:\n`);
  process.stdout.write(`${record.name}. IN TXT ${strings}\n`);
}
