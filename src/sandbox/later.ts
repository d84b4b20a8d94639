/**
 * Mails that come back after a message was accepted: made here, and handed on when they are due. One timer for the earliest; how a
 * mail is delivered is the caller's.
 */
import { randomUUID } from "node:crypto";

import { laterMails } from "../core/sandbox/later-mails.ts";
import type { Plan, Report } from "../core/sandbox/plan.ts";
import { type Duration, HOUR, type Instant } from "../core/time.ts";

/** A mail that a provider or a recipient is going to send. */
export type LaterReport = {
  readonly dueAt: Instant;
  readonly kind: Report;
  readonly mailFrom: string;
  readonly rcptTo: string;
  readonly raw: Uint8Array;
  /** So often it was not taken; none when missing. */
  readonly tries?: number;
};

type Accepted = { readonly at: Instant; readonly mailFrom: string; readonly recipient: string; readonly raw: Buffer };

const MAX_HEAD = 16 * 1024;

/** What comes back for the message, in the order in which it is sent. */
export function makeReports(plan: Plan & { kind: "later" }, message: Accepted): readonly LaterReport[] {
  const end = message.raw.indexOf("\r\n\r\n");
  const about = {
    id: randomUUID(),
    at: message.at,
    returnPath: octets(message.mailFrom),
    recipient: octets(message.recipient),
    head: message.raw.toString("latin1", 0, Math.min(end < 0 ? message.raw.length : end, MAX_HEAD)),
  };
  return laterMails(plan.report, about).map(({ from, to, text }) => ({
    dueAt: message.at + plan.wait,
    kind: plan.report,
    mailFrom: textOf(from),
    rcptTo: textOf(to),
    raw: Buffer.from(text, "latin1"),
  }));
}

/** UTF-8 as one character per octet, which is how `core/sandbox` handles raw text. */
function octets(text: string): string {
  return Buffer.from(text).toString("latin1");
}

function textOf(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString();
}

export type LaterScheduler = {
  readonly add: (report: LaterReport) => void;
  /** Reports not yet handed on. */
  readonly waiting: () => number;
  /** Forgets what is not due yet; resolves when nothing is being delivered any more. */
  readonly close: () => Promise<void>;
};

export type LaterOptions = {
  readonly deliver: (report: LaterReport) => Promise<void>;
  readonly now?: () => Instant;
  readonly onError?: (error: unknown, report: LaterReport) => void;
};

const MAX_WAITING = 10_000;
/** Timers are set anew at least this often, so that a clock that jumps delays nothing for long. */
const MAX_SLEEP: Duration = HOUR;

export function createLaterScheduler(options: LaterOptions): LaterScheduler {
  const { deliver, now = Date.now, onError = () => {} } = options;
  // by due time; short, since reports are rare
  const waiting: LaterReport[] = [];
  let timer: NodeJS.Timeout | undefined;
  let delivering: Promise<void> | null = null;
  let closed = false;

  const arm = () => {
    clearTimeout(timer);
    const first = waiting[0];
    if (!first || delivering || closed) return;
    timer = setTimeout(run, Math.min(MAX_SLEEP, Math.max(0, first.dueAt - now())));
    timer.unref();
  };
  const run = () => {
    delivering = deliverDue().finally(() => {
      delivering = null;
      arm();
    });
  };
  const deliverDue = async () => {
    for (let first = waiting[0]; first && first.dueAt <= now() && !closed; first = waiting[0]) {
      waiting.shift();
      await deliver(first).catch((error: unknown) => onError(error, first));
    }
  };
  return {
    add: (report) => {
      if (closed || waiting.length >= MAX_WAITING) return;
      insertByDue(waiting, report);
      if (waiting[0] === report) arm();
    },
    waiting: () => waiting.length,
    close: async () => {
      closed = true;
      clearTimeout(timer);
      waiting.length = 0;
      await delivering;
    },
  };
}

function insertByDue(waiting: LaterReport[], report: LaterReport): void {
  const before = waiting.findLastIndex((other) => other.dueAt <= report.dueAt);
  waiting.splice(before + 1, 0, report);
}
