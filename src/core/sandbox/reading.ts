/**
 * What becomes of a message after it was accepted: whether its recipient opens it, follows links, views its mirror page or
 * unsubscribes, and what machines fetch before. The address decides what a recipient is like, address and Message-ID what happens
 * to this one message; never chance. The table for users is in `src/sandbox/README.md`.
 */
import { type Duration, parseDuration, SECOND } from "../time.ts";
import { BROWSERS, GATEWAY, MAIL_PROGRAMS, MAIL_PROXY, PRIVACY_PROXY, PURPLE_PROXY } from "./agents.ts";
import { formFor, takesForms } from "./forms.ts";
import { hashOf } from "./hash.ts";
import { planFor } from "./plan-for.ts";
import { providerOf } from "./providers.ts";

/** One thing that is done with a message. */
export type Step = {
  /** After the message was accepted. */
  readonly wait: Duration;
  readonly userAgent: string;
  /**
   * `click`: a link that can be seen, `choice` (0 ≤ choice < 1) says which; `unsubscribe`: by one click (RFC 8058);
   * `scan`: the picture and every link, none of them by POST.
   */
  readonly act:
    | { readonly kind: "open" | "mirror" | "unsubscribe" | "scan" }
    | { readonly kind: "click"; readonly choice: number };
};

type Form = "open" | "click" | "mirror" | "unsubscribe" | "mail-proxy" | "privacy-proxy" | "scanner";

const FORM = /^(open|click|mirror|unsubscribe|mail-proxy|privacy-proxy|scanner)(?:-(\d+[smh]))?(?:\+|$)/;
const FORM_WAIT: Duration = 3 * SECOND;

/** Mailboxes that keep copies: nobody reads them, as nobody should. */
const ARCHIVE = /^(?:archive|archives|bcc|journal)(?:[+._-]|$)/;

/** People who open some of their mail; each of them opens `OPENS` of it, so that a quarter of all mail is opened. */
const READERS = 0.5;
const OPENS = 0.5;
/** Of the messages opened. */
const CLICKS = 0.2;
const SECOND_LINK = 0.3;
const MIRRORS = 0.02;
const UNSUBSCRIBES = 0.008;
/** Of the messages to providers that have such machines. */
const SCANNED = 0.25;
const PREFETCHED = 0.5;

/** Sooner than this nobody opens a message; half of the opens come within 20 s, the last a minute later. */
const FIRST_LOOK: Duration = 4 * SECOND;
const LAST_LOOK: Duration = 60 * SECOND;

/** The steps in order of time; none for most messages. `messageId` is asked for only when it matters, which is for half. */
export function readingOf(address: string, messageId: () => string): readonly Step[] {
  const folded = address.toLowerCase();
  const at = folded.lastIndexOf("@");
  const domain = folded.slice(at + 1);
  const local = folded.slice(0, Math.max(at, 0));
  if (ARCHIVE.test(local)) return [];
  if (takesForms(domain)) {
    const form = stepsOfForm(local);
    // an address that was chosen for an outcome meets nothing else
    if (form !== null || formFor(local) !== null || isPlain(domain)) return form ?? [];
  }
  const plan = planFor("internet", folded);
  if (plan.kind === "later" && plan.report === "bounce") return [];
  const machine = MACHINES[providerOf(domain).name];
  const reads = share(`reader:${folded}`) < READERS;
  if (!reads && machine?.early === undefined) return [];
  const draw = drawsOf(`${folded} ${messageId()}`);
  const early = machine?.early?.(draw) ?? [];
  return reads && draw("open") < OPENS ? [...early, ...stepsOfReader(folded, draw)] : early;
}

/** Hand-made tests at `sandbox.test` meet no surprises. */
function isPlain(domain: string): boolean {
  return providerOf(domain).name === "sandbox";
}

/** 0 ≤ n < 1, always the same for the same occasion. */
type Draw = (occasion: string) => number;

function drawsOf(about: string): Draw {
  return (occasion) => share(`${occasion}:${about}`);
}

function share(text: string): number {
  return hashOf(text) / 2 ** 32;
}

type Machine = {
  /** Program by which pictures of opened messages are fetched. */
  readonly proxy?: string;
  /** What is fetched without the reader. */
  readonly early?: (draw: Draw) => readonly Step[];
};

/** By name of the provider. */
const MACHINES: Readonly<Record<string, Machine | undefined>> = {
  gomail: { proxy: MAIL_PROXY },
  yoomail: { proxy: PURPLE_PROXY },
  poire: { early: (draw) => (draw("prefetch") < PREFETCHED ? prefetch(1 * SECOND + 9 * SECOND * draw("when")) : []) },
  shield: { early: (draw) => (draw("scan") < SCANNED ? scan(0.7 * SECOND * draw("when")) : []) },
};

function prefetch(wait: Duration): readonly Step[] {
  return [{ wait: Math.round(wait), userAgent: PRIVACY_PROXY, act: { kind: "open" } }];
}

function scan(wait: Duration): readonly Step[] {
  return [{ wait: Math.round(wait), userAgent: GATEWAY, act: { kind: "scan" } }];
}

function stepsOfReader(address: string, draw: Draw): readonly Step[] {
  const opened = FIRST_LOOK + (LAST_LOOK - FIRST_LOOK) * draw("when-opened") ** 2;
  const steps = [openAt(opened, address)];
  const browser = one(BROWSERS, share(`browser:${address}`));
  const add = (after: Duration, act: Step["act"]) => {
    steps.push({ wait: Math.round(opened + after), userAgent: browser, act });
  };
  if (draw("mirror") < MIRRORS) add(2 * SECOND, { kind: "mirror" });
  const clicked = 3 * SECOND + 9 * SECOND * draw("when-clicked");
  if (draw("click") < CLICKS) {
    add(clicked, { kind: "click", choice: draw("link") });
    if (draw("second") < SECOND_LINK) add(clicked + 6 * SECOND, { kind: "click", choice: draw("second-link") });
  }
  if (draw("unsubscribe") < UNSUBSCRIBES) add(20 * SECOND, { kind: "unsubscribe" });
  return steps;
}

function openAt(wait: Duration, address: string): Step {
  const proxy = MACHINES[providerOf(address.slice(address.lastIndexOf("@") + 1)).name]?.proxy;
  const userAgent = proxy ?? one(MAIL_PROGRAMS, share(`mail-program:${address}`));
  return { wait: Math.round(wait), userAgent, act: { kind: "open" } };
}

/** Null: the local part names no reading. */
function stepsOfForm(local: string): readonly Step[] | null {
  const match = FORM.exec(local);
  const wait = match?.[2] === undefined ? FORM_WAIT : parseDuration(match[2]);
  if (match === null || wait === null) return null;
  const form = match[1] as Form;
  const userAgent = one(BROWSERS, share(local));
  const open: Step = { wait, userAgent, act: { kind: "open" } };
  switch (form) {
    case "open":
      return [open];
    case "click":
      return [open, { wait: wait + 3 * SECOND, userAgent, act: { kind: "click", choice: 0 } }];
    case "mirror":
    case "unsubscribe":
      return [open, { wait: wait + 3 * SECOND, userAgent, act: { kind: form } }];
    case "mail-proxy":
      return [{ ...open, userAgent: MAIL_PROXY }];
    case "privacy-proxy":
      return prefetch(wait);
    case "scanner":
      // right after delivery, unless another time is asked for
      return scan(match[2] === undefined ? 0 : wait);
  }
}

function one<T>(list: readonly T[], where: number): T {
  return list[Math.floor(where * list.length)] as T;
}
