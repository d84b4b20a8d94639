/** A dialogue for people to read: `C:` what we said, `S:` what the server said, `*` what happened besides. Secrets are stars. */
import type { Trace } from "./connection-types.ts";

export type DialogueRecorder = {
  readonly trace: Trace;
  /** What happened besides. */
  note(text: string): void;
  /** A text without what must not be shown. */
  clean(text: string): string;
  lines(): string[];
};

const STARS = "********";
/** A server may talk without end. */
const MAX_LINES = 500;
const MAX_LENGTH = 1000;

/** `secrets`: what must not be shown even when the server says it. `body`: what stands for the message. */
export function recordDialogue(secrets: readonly string[], body: string): DialogueRecorder {
  const lines: string[] = [];
  let unfinished = "";
  /** The server asks for a part of the login: what we answer is secret. */
  let isAsked = false;
  const hidden = secrets
    .filter((secret) => secret !== "")
    .flatMap((secret) => [secret, Buffer.from(secret, "utf8").toString("base64")]);
  const add = (text: string) => {
    if (lines.length === MAX_LINES) lines.push("* the rest of the dialogue is left out");
    if (lines.length < MAX_LINES) lines.push(text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)} …` : text);
  };
  const clean = (text: string) =>
    hidden.reduce((shown, secret) => shown.replaceAll(secret, STARS), text).replace(/\p{Cc}/gu, "�");

  const received = (text: string) => {
    const parts = (unfinished + text).split(/\r?\n/);
    unfinished = (parts.pop() ?? "").slice(-MAX_LENGTH);
    for (const line of parts) {
      isAsked = line.startsWith("334");
      add(`S: ${clean(line)}`);
    }
  };
  const sent = (text: string) => {
    for (const line of text.replace(/\r\n$/, "").split("\r\n"))
      add(`C: ${isAsked ? STARS : clean(withoutLogin(line))}`);
    isAsked = false;
  };
  return {
    trace: (what, text) => {
      if (what === "received") received(text);
      else if (what === "sent") sent(text);
      else if (what === "connected") add(`* connected to ${text}`);
      else if (what === "secured") add("* encrypted from here on");
      else for (const line of what === "chunk" ? [body] : [body, "."]) add(`C: ${line}`);
    },
    clean,
    note: (text) => add(`* ${clean(text)}`),
    lines: () => (unfinished === "" ? [...lines] : [...lines, `S: ${clean(unfinished)}`]),
  };
}

/** The initial response of AUTH (RFC 4954 §4) is user and password. */
function withoutLogin(line: string): string {
  return line.replace(/^(AUTH \S+) .*/i, `$1 ${STARS}`);
}
