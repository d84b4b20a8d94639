/** The options of `envoi send`, checked: whatever is wrong is said with the option's name before anything is touched. */
import { InvalidArgumentError } from "commander";
import { readFile, stat } from "node:fs/promises";
import { createServer, isIP } from "node:net";

import { readSigningKey } from "../src/adapters/crypto/crypto.ts";
import { settingsSchema, type Content, type CreateDelivery, type Settings } from "../src/contract/index.ts";
import { parseMailbox } from "../src/core/address/parse-mailbox.ts";
import { parseDuration } from "../src/core/time.ts";
import type { SigningKeyInput } from "../src/features/domains/index.ts";
import { parseRoutes } from "../src/platform/config.ts";
import { appError, errorText } from "../src/platform/errors.ts";
import type { DataDirOption } from "./context.ts";
import { sendingSettings, type SendingOptions } from "./sending-options.ts";

type Header = { name: string; value: string };
type DkimOption = { domain: string; selector: string; file: string };

export type SendOptions = DataDirOption &
  SendingOptions & {
    readonly audience?: string;
    readonly html?: string;
    readonly text?: string;
    readonly subject?: string;
    readonly from?: string;
    readonly replyTo?: string;
    readonly errorAddress?: string;
    readonly header: readonly Header[];
    readonly bcc?: string;
    readonly bccTiming?: "before" | "after";
    readonly bccStrict?: boolean;
    readonly validity: string;
    readonly mirror: Settings["mirror"];
    readonly tracking: boolean;
    readonly syntax: Content["syntax"];
    readonly format: Settings["format"];
    readonly charset: string;
    readonly attach: readonly string[];
    readonly dkim?: DkimOption;
    readonly source?: string;
    readonly route: readonly string[];
    readonly label?: string;
    readonly resume?: number;
    readonly dryRun?: boolean;
    readonly json?: boolean;
  };

export function parseHeader(text: string, previous: readonly Header[]): Header[] {
  const match = /^([^:\s]+):[ \t]*(.*)$/s.exec(text);
  if (!match?.[1] || match[2] === undefined) throw new InvalidArgumentError("It is written 'Name: value'.");
  return [...previous, { name: match[1], value: match[2] }];
}

export function parseRouteOption(text: string, previous: readonly string[]): string[] {
  const routes = parseRoutes([text]);
  if (typeof routes === "string") throw new InvalidArgumentError(`${routes}.`);
  return [...previous, text];
}

export function parseDurationOption(text: string): string {
  if (parseDuration(text) === null) throw new InvalidArgumentError("The validity is written 90s, 20m, 36h or 5d.");
  return text.trim();
}

export function parseId(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError("The id of a delivery is a number.");
  return Number(text);
}

export function parseDkim(text: string): DkimOption {
  const [, domain, selector, file] = /^([^:]+):([^:]+):(.+)$/.exec(text) ?? [];
  if (!domain || !selector || !file) throw new InvalidArgumentError("It is written domain:selector:key.pem.");
  return { domain: domain.toLowerCase(), selector, file };
}

/** Copies of each message for one archive. */
export type Bcc = {
  readonly address: string;
  /** Undefined: as the platform is set. */
  readonly timing: "before" | "after" | undefined;
  readonly strict: boolean;
};

export type SendInput = {
  readonly audienceFile: string;
  readonly delivery: CreateDelivery;
  /** To be stored and named in the settings. */
  readonly attachments: readonly string[];
  readonly dkim: SigningKeyInput | null;
  /** Its archive is found or made, and named in the settings. */
  readonly bcc: Bcc | null;
};

export async function readSendInput(options: SendOptions): Promise<SendInput> {
  const audienceFile = need(options.audience, "--audience", "FILE.csv is needed");
  const subject = need(options.subject, "--subject", "is needed");
  if (!options.html && !options.text)
    throw appError("option-invalid", { option: "--html", detail: "or --text is needed" });
  const bcc = readBcc(options);
  const from = parseMailboxOption("--from", need(options.from, "--from", "is needed"));
  await checkReadable(audienceFile);
  await checkSource(options.source);
  for (const file of options.attach) await checkReadable(file);
  const html = await readText(options.html);
  const text = await readText(options.text);
  const dkim = await readDkim(options.dkim);
  return {
    audienceFile,
    dkim,
    bcc,
    attachments: options.attach,
    delivery: {
      label: options.label ?? subject.slice(0, 200),
      content: {
        subject,
        syntax: options.syntax,
        ...(html === null ? {} : { html }),
        ...(text === null ? {} : { text }),
      },
      sender: {
        name: from.name,
        address: from.address,
        ...(options.replyTo ? { replyTo: parseMailboxOption("--reply-to", options.replyTo).address } : {}),
        ...(options.errorAddress
          ? { errorAddress: parseMailboxOption("--error-address", options.errorAddress).address }
          : {}),
      },
      // Replaced by the import of the audience file.
      audience: { all: true },
      settings: settingsSchema.parse({
        validity: options.validity,
        ...sendingSettings(options),
        headers: options.header,
        mirror: options.mirror,
        format: options.format,
        charset: options.charset,
        tracking: { clicks: options.tracking, opens: options.tracking },
        routes: Object.fromEntries(
          options.route.map((route) => [route.split("=")[0], route.slice(route.indexOf("=") + 1)]),
        ),
        ...(options.source ? { source: options.source } : {}),
        ...(dkim ? { dkim: { domain: dkim.domain, selector: dkim.selector } } : {}),
      }),
    },
  };
}

function readBcc({ bcc, bccTiming: timing, bccStrict: strict = false }: SendOptions): Bcc | null {
  if (bcc === undefined) {
    const option = timing === undefined ? strict && "--bcc-strict" : "--bcc-timing";
    if (option) throw appError("option-invalid", { option, detail: "needs --bcc ADDRESS" });
    return null;
  }
  if (strict && timing === "after") {
    const detail = "is possible only with --bcc-timing before: after it left, no message can wait for its copy";
    throw appError("option-invalid", { option: "--bcc-strict", detail });
  }
  const { address } = parseMailboxOption("--bcc", bcc);
  return { address, timing: strict ? "before" : timing, strict };
}

function need(value: string | undefined, option: string, detail: string): string {
  if (!value?.trim()) throw appError("option-invalid", { option, detail });
  return value;
}

function parseMailboxOption(option: string, text: string): { name: string; address: string } {
  const mailbox = parseMailbox(text);
  if (mailbox.kind === "valid") return { name: mailbox.name, address: mailbox.address.address };
  const detail = mailbox.kind === "empty" ? "an address is needed" : `the address "${text}" ${mailbox.reason}`;
  throw appError("option-invalid", { option, detail });
}

async function checkReadable(file: string): Promise<void> {
  try {
    if (!(await stat(file)).isFile()) throw appError("file-unreadable", { file, detail: "it is not a file" });
  } catch (error) {
    if (error instanceof Error && "exit" in error) throw error;
    throw appError("file-unreadable", { file, detail: errorText(error) });
  }
}

async function readText(file: string | undefined): Promise<string | null> {
  if (file === undefined) return null;
  await checkReadable(file);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(file));
  } catch (error) {
    throw appError("file-unreadable", {
      file,
      detail: error instanceof TypeError ? "it is not UTF-8 text" : errorText(error),
    });
  }
  const nul = text.indexOf("\0");
  if (nul < 0) return text;
  const line = text.slice(0, nul).split("\n").length;
  throw appError("file-unreadable", { file, detail: `it is not text: line ${line} has a NUL character` });
}

async function readDkim(option: DkimOption | undefined): Promise<SigningKeyInput | null> {
  if (!option) return null;
  const pem = (await readText(option.file)) ?? "";
  const key = readSigningKey(pem);
  if (key.kind === "unusable")
    throw appError("option-invalid", { option: "--dkim", detail: `${option.file}: ${key.detail}` });
  return { domain: option.domain, selector: option.selector, privateKey: pem };
}

/** An address to send from must be one of this machine. */
async function checkSource(source: string | undefined): Promise<void> {
  if (source === undefined) return;
  if (isIP(source) === 0)
    throw appError("option-invalid", { option: "--source", detail: `"${source}" is not an IP address` });
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, source, resolve));
  } catch (error) {
    throw appError("option-invalid", {
      option: "--source",
      detail: `${source} is not an address of this machine (${errorText(error)})`,
    });
  } finally {
    server.close();
  }
}
