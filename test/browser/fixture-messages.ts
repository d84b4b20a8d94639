/** The messages of the browser tests: a log with every status, one message's timeline, the sandbox inbox. Made from counters. */
import type { Copy, LogLine, MessageDetail, SandboxMessage } from "../../src/contract/index.ts";
import { copyOf } from "./fixture-archive.ts";
import { REACTIONS } from "./fixture-content.ts";
import { ago, START } from "./fixture-data.ts";

const PEOPLE = ["ada", "bruno", "chen", "dora", "emil", "fatou", "goran", "hana", "ivo", "julia"];
const DOMAINS = ["bigmail.example", "webpost.example", "orange-isp.example", "office.example"];
const at = <T>(list: readonly T[], index: number): T => list[index % list.length] as T;

export function makeLog(): LogLine[] {
  return Array.from({ length: 260 }, (_, index): LogLine => {
    const recipient = `${at(PEOPLE, index)}.${index}@${at(DOMAINS, index)}`;
    const archived = index % 5 === 0;
    const line = { key: `4-${index}`, recipient, archived, inDoubt: false, mx: `mx1.${at(DOMAINS, index)}` };
    const none = { type: null, reason: null };
    const times = { firstAttemptAt: ago(3), finalAt: ago(3) };
    if (index % 17 === 3) {
      const reply = "550 5.1.1 Recipient address rejected: User unknown";
      return { ...line, ...times, status: "failed", type: "hard", reason: "user-unknown", attempts: 1, reply };
    }
    if (index % 13 === 5) {
      const reply = "452 4.2.2 Mailbox full, try again later";
      const reason = "mailbox-full" as const;
      return {
        ...line,
        ...times,
        finalAt: null,
        status: "taken-into-account",
        type: "soft",
        reason,
        attempts: 2,
        reply,
      };
    }
    if (index % 41 === 7) {
      return { ...line, ...none, ...times, finalAt: null, status: "in-doubt", attempts: 1, reply: null, inDoubt: true };
    }
    if (index % 5 === 4) {
      return {
        ...line,
        ...none,
        status: "pending",
        attempts: 0,
        reply: null,
        mx: null,
        firstAttemptAt: null,
        finalAt: null,
      };
    }
    return { ...line, ...none, ...times, status: "sent", attempts: 1, reply: "250 2.0.0 OK queued" };
  });
}

export function detailOf(line: LogLine): MessageDetail {
  const attempt = {
    stage: "rcpt",
    mx: line.mx,
    sourceIp: "192.0.2.10",
    tls: "TLSv1.3",
    rule: "mailbox-full-452",
    type: line.type,
    reason: line.reason,
  };
  const first = {
    ...attempt,
    attempt: 1,
    at: ago(8),
    kind: "refused" as const,
    code: 452,
    enhanced: "4.2.2",
    durationMs: 84,
  };
  const code = line.reply === null ? null : Number(line.reply.slice(0, 3));
  const last = { ...attempt, attempt: line.attempts, at: ago(3), code, durationMs: 212, reply: line.reply ?? "" };
  const kind =
    line.status === "sent"
      ? ("accepted" as const)
      : line.status === "in-doubt"
        ? ("in-doubt" as const)
        : ("refused" as const);
  const enhanced = line.reply?.split(" ")[1] ?? null;
  return {
    ...line,
    deliveryId: "12",
    nextAttemptAt: line.status === "taken-into-account" ? new Date(START + 12 * 60_000).toISOString() : null,
    digest: line.attempts === 0 ? null : "3f".repeat(32),
    copies: copiesOf(line),
    complained: line.key === "4-1",
    single: null,
    reactions: line.status === "sent" ? REACTIONS : [],
    vars: { first_name: "Ada", city: "Lyon", visits: 3 },
    timeline: [
      ...(line.attempts > 1 ? [{ ...first, reply: line.reply ?? "" }] : []),
      ...(line.attempts > 0 ? [{ ...last, kind, enhanced, stage: kind === "refused" ? "rcpt" : "dot" }] : []),
    ],
  };
}

/** One archive took its copy, the other one is a folder and has not yet. */
function copiesOf({ key, archived, status }: LogLine): Copy[] {
  if (!archived || status !== "sent") return [];
  const file = {
    archiveId: "2",
    archiveName: "Files of statements",
    digest: null,
    reply: "ENOSPC: no space left on device",
  };
  const location = `2026-05-04/13h/12-${key}-sent.eml`;
  return [
    { ...copyOf(key, "archived", 3), inDoubt: true, inert: true },
    { ...copyOf(key, "owed", 3), ...file, location },
  ];
}

export function makeInbox(): SandboxMessage[] {
  return Array.from({ length: 140 }, (_, index) => ({
    id: String(500 - index),
    at: ago(index / 6),
    mailFrom: `bounce+4-${index}@shop.example`,
    rcptTo: `${at(PEOPLE, index)}.${index}@${at(DOMAINS, index)}`,
    subject: `Spring is here, ${at(PEOPLE, index)}`,
    size: 9800 + index * 3,
  }));
}
