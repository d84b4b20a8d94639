/**
 * Addresses that name their own outcome: `rcpt-550-5.1.1@…`, `drop-dot@…`, `greylist-30s@…`, anything after `+` is the caller's.
 * They work at `sandbox.test`, below it, and at every other domain of the reserved `.test` (RFC 2606 §2). The table for users is
 * in `src/sandbox/README.md`; the idea is that of mox's localserve.
 */
import { type Duration, parseDuration, SECOND } from "../time.ts";
import { ALWAYS, type EnvelopeStage, type Fate, type Plan, type Report } from "./plan.ts";

/** A fate that takes its texts from the provider of the domain. */
export type FateForm = { readonly kind: "fate"; readonly fate: Fate };

const NAMED: Readonly<Record<string, Fate>> = {
  unknown: "unknown",
  full: "full",
  disabled: "disabled",
  spam: "spam",
};

/** What comes later, by the local part that asks for it. */
const LATER: Readonly<Record<string, Report>> = {
  "bounce-later": "bounce",
  "bounce-delayed": "delayed",
  "bounce-qmail": "qmail",
  "bounce-exim": "exim",
  "bounce-exchange": "exchange",
  "bounce-x400": "x400",
  "bounce-french": "french",
  "bounce-unclear": "unclear",
  "bounce-no-verp": "no-verp",
  "bounce-forged": "forged",
  "bounce-foreign": "foreign",
  "bounce-twice": "twice",
  "complain-later": "complaint",
  "complain-jmrp": "jmrp",
  vacation: "vacation",
  challenge: "challenge",
  "unsubscribe-mail": "wish",
};

const TIMES: Readonly<Record<string, number>> = { once: 1, twice: 2, thrice: 3 };
const DEFAULT_LATER: Duration = 5 * SECOND;

type Reader = { readonly pattern: RegExp; readonly read: (match: RegExpExecArray) => Plan | null };

const STAGE = "(mail|rcpt|data|dot)";
const CODE = "([45]\\d\\d)(?:-([45]\\.\\d{1,3}\\.\\d{1,3}))?";
const PLANS: readonly Reader[] = [
  {
    pattern: new RegExp(`^${STAGE}-${CODE}$`),
    read: (m) => refusal(stage(m[1]), m[2], m[3], ALWAYS),
  },
  // the earliest stage at which an address can be known
  { pattern: new RegExp(`^connect-${CODE}$`), read: (m) => refusal("mail", m[1], m[2], ALWAYS) },
  {
    pattern: new RegExp(`^(once|twice|thrice)-${CODE}-then-ok$`),
    read: (m) => refusal("rcpt", m[2], m[3], TIMES[m[1] ?? ""] ?? 1),
  },
  {
    pattern: new RegExp(`^drop-${STAGE}$`),
    read: (m) => ({ kind: "drop", stage: stage(m[1]), times: ALWAYS }),
  },
  { pattern: new RegExp(`^drop-${STAGE}-then-ok$`), read: (m) => ({ kind: "drop", stage: stage(m[1]), times: 1 }) },
  { pattern: new RegExp(`^garbage-${STAGE}$`), read: (m) => ({ kind: "garbage", stage: stage(m[1]) }) },
  {
    pattern: new RegExp(`^slow-(?:${STAGE}-)?(\\d+[smh])$`),
    read: (m) => timed(m[2], (wait) => ({ kind: "slow", stage: stage(m[1] ?? "dot"), wait })),
  },
  { pattern: /^greylist-(\d+[smh])$/, read: (m) => timed(m[1], (wait) => ({ kind: "greylist", wait })) },
  {
    pattern: new RegExp(`^(${Object.keys(LATER).join("|")})(?:-(\\d+[smh]))?$`),
    read: (m) => {
      const report = LATER[m[1] ?? ""] ?? "bounce";
      if (m[2] === undefined) return { kind: "later", report, wait: DEFAULT_LATER };
      return timed(m[2], (wait) => ({ kind: "later", report, wait }));
    },
  },
];

/** Whether local parts of this domain (lower case) may name outcomes. */
export function takesForms(domain: string): boolean {
  return domain.endsWith(".test");
}

/** The plan that a local part in lower case names; null: none, the domain's own mix applies. */
export function formFor(local: string): Plan | FateForm | null {
  const plus = local.indexOf("+");
  const name = plus < 0 ? local : local.slice(0, plus);
  const fate = Object.hasOwn(NAMED, name) ? NAMED[name] : undefined;
  if (fate) return { kind: "fate", fate };
  for (const { pattern, read } of PLANS) {
    const match = pattern.exec(name);
    if (match) return read(match);
  }
  return null;
}

function stage(text: string | undefined): EnvelopeStage {
  return text as EnvelopeStage;
}

function timed(text: string | undefined, make: (wait: Duration) => Plan): Plan | null {
  const wait = parseDuration(text ?? "");
  return wait === null ? null : make(wait);
}

function refusal(at: EnvelopeStage, code: string | undefined, enhanced: string | undefined, times: number): Plan {
  const text = `refused at ${at} as the address asks`;
  const line = enhanced === undefined ? text : `${enhanced} ${text}`;
  return { kind: "refuse", stage: at, reply: { code: Number(code), lines: [line] }, times };
}
