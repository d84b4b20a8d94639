/** Reads the dialogue files of this folder (README.md there) and writes outcomes the way they do. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { DsnRequest } from "../../src/core/smtp/dsn.ts";
import type { Outcome } from "../../src/core/smtp/outcome.ts";
import type { OpeningPhase, SessionOptions, SmtpMessage, TlsPolicy } from "../../src/core/smtp/session.ts";

/** What the test does; every other line is what the client is to do. */
type Cue =
  | { readonly kind: "server"; readonly bytes: string }
  | { readonly kind: "tls"; readonly isBroken: boolean }
  | { readonly kind: "offer"; readonly tag: string }
  | { readonly kind: "quit" }
  | { readonly kind: "close" | "reset" | "timeout" };

type Line = { readonly text: string; readonly cue: Cue | null };

export type Dialogue = {
  readonly name: string;
  readonly options: SessionOptions;
  readonly messages: readonly SmtpMessage[];
  readonly lines: readonly Line[];
};

const DEFAULTS: SessionOptions = {
  helo: "client.example",
  tls: "opportunistic",
  credentials: null,
  maxMessages: 100,
  pipelining: true,
  chunking: true,
};

export function loadDialogues(): Dialogue[] {
  const names = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".smtp"));
  return names
    .sort()
    .map((name) => readDialogue(name.replace(".smtp", ""), readFileSync(join(import.meta.dirname, name), "utf8")));
}

function readDialogue(name: string, text: string): Dialogue {
  let options = DEFAULTS;
  const messages: SmtpMessage[] = [];
  const lines: Line[] = [];
  for (const line of text.split("\n").map((l) => l.trimEnd())) {
    const [word, ...params] = line.split(" ");
    if (line === "" || word === "#") continue;
    if (word === "options") options = { ...options, ...readOptions(params) };
    else if (word === "message") messages.push(readMessage(params));
    else lines.push({ text: line, cue: readCue(line) });
  }
  return { name, options, messages: messages.length > 0 ? messages : [readMessage(["A"])], lines };
}

function readOptions(params: readonly string[]): Partial<SessionOptions> {
  return Object.assign(
    {},
    ...params.map((param): Partial<SessionOptions> => {
      const [key = "", value = ""] = param.split("=");
      switch (key) {
        case "pipelining":
          return { pipelining: value === "yes" };
        case "chunking":
          return { chunking: value === "yes" };
        case "tls":
          return { tls: value as TlsPolicy };
        case "max":
          return { maxMessages: Number(value) };
        case "auth": {
          const [user = "", password = ""] = value.split(":");
          return { credentials: { user, password } };
        }
        default:
          throw new Error(`unknown option ${key}`);
      }
    }),
  );
}

function readMessage([tag = "", ...params]: readonly string[]): SmtpMessage {
  const given = new Map(params.map((param) => [param.split("=")[0], param.slice(param.indexOf("=") + 1)] as const));
  return {
    tag,
    mailFrom: given.get("from") ?? "bounce@sender.example",
    rcptTo: given.get("to") ?? `${tag.toLowerCase()}@example.com`,
    sizeBytes: Number(given.get("size") ?? bodyOf(tag).length),
    is8bit: given.has("8bit"),
    needsSmtpUtf8: given.has("utf8"),
    untilRcpt: given.has("until-rcpt"),
    dsn: given.has("dsn") ? readDsn(given.get("dsn") ?? "") : null,
  };
}

/** `dsn=HDRS:id:FAILURE,DELAY:first@example.com`; what is empty is not asked for. */
function readDsn(text: string): DsnRequest {
  const [ret, envid, notify, orcpt] = text.split(":").map((part) => (part === "" ? null : part));
  return {
    ret: (ret ?? null) as DsnRequest["ret"],
    envid: envid ?? null,
    notify: notify === "NEVER" ? notify : ((notify?.split(",") ?? null) as DsnRequest["notify"]),
    orcpt: orcpt ?? null,
  };
}

export function bodyOf(tag: string): string {
  return `Subject: ${tag}\r\n\r\nThis is ${tag}.\r\n`;
}

function readCue(line: string): Cue | null {
  const rest = line.slice(3);
  switch (line.slice(0, 3)) {
    case "S: ":
      return { kind: "server", bytes: `${Buffer.from(rest).toString("latin1")}\r\n` };
    case "S= ":
      return { kind: "server", bytes: JSON.parse(rest) as string };
    case "C: ":
    case "C- ":
    case "C+ ":
    case "=> ":
      return null;
  }
  const [mark, word, tag = ""] = line.split(" ");
  if (mark === "~" && word === "tls") return { kind: "tls", isBroken: tag === "broken" };
  if (mark === ">" && word === "offer") return { kind: "offer", tag };
  if (mark === ">" && word === "quit") return { kind: "quit" };
  if (mark === "!" && (word === "close" || word === "reset" || word === "timeout")) return { kind: word };
  throw new Error(`cannot read the line ${JSON.stringify(line)}`);
}

/** `accepted`, `refused rcpt 550 5.1.1`, `lost dot timeout in-doubt`. */
function describe(outcome: Outcome): string {
  switch (outcome.kind) {
    case "accepted":
      return outcome.stage === undefined ? "accepted" : `accepted at ${outcome.stage}`;
    case "refused":
      return `refused ${outcome.stage} ${outcome.reply.code} ${outcome.reply.enhanced ?? ""}`.trimEnd();
    case "lost":
      return `lost ${outcome.stage} ${outcome.trouble}${outcome.inDoubt ? " in-doubt" : ""}`;
  }
}

export const say = {
  outcome: (tag: string, outcome: Outcome): string => `=> ${tag} ${describe(outcome)}`,
  returned: (tag: string): string => `=> ${tag} returned`,
  failed: (phase: OpeningPhase, outcome: Outcome): string => `=> failed ${phase} ${describe(outcome)}`,
  closed: (detail: string | null): string => (detail === null ? "=> closed quit" : "=> closed lost"),
};
