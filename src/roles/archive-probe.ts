/** Hands the probe of an archive over, the way its copies go: by SMTP along the same routes, or into the same store. */
import { createHash } from "node:crypto";
import { hostname } from "node:os";

import type { ConnectionOptions } from "../adapters/smtp-socket/connection-types.ts";
import { openSession } from "../adapters/smtp-socket/open-session.ts";
import { type DialogueRecorder, recordDialogue } from "../adapters/smtp-socket/record-dialogue.ts";
import { DEFAULT_TIMEOUTS } from "../adapters/smtp-socket/timeouts.ts";
import type { ArchiveTest } from "../contract/index.ts";
import { isAscii } from "../core/message/utf8.ts";
import { type Outcome, replyText } from "../core/smtp/outcome.ts";
import type { TlsPolicy } from "../core/smtp/session.ts";
import { SECOND } from "../core/time.ts";
import type { KnownTarget, Probe, ProbeArchive } from "../features/archive/index.ts";
import { routeDomain, type RoutingOptions } from "../mta/routing.ts";
import type { Target } from "../mta/session-port.ts";
import type { Config, Relay, Routes } from "../platform/config.ts";
import { errorText } from "../platform/errors.ts";
import { openCopyStore, type StoreTarget } from "./copy-stores.ts";

export type ProbeDeps = {
  readonly config: Pick<Config, "transport" | "relays" | "routes" | "dataDir" | "heloName">;
  /** Null unless the transport is the sandbox and runs here. */
  readonly sandboxRoutes: Routes | null;
  readonly resolver: RoutingOptions["resolver"];
};

type MailboxTarget = Extract<KnownTarget, { kind: "smtp" }>;
type Way = { readonly targets: readonly Target[]; readonly relay: Relay | null };

/** Somebody sits there and waits. */
const PATIENCE = 45 * SECOND;
const TIMEOUTS = Object.fromEntries(
  Object.entries(DEFAULT_TIMEOUTS).map(([phase, limit]) => [phase, Math.min(limit, 20 * SECOND)]),
) as typeof DEFAULT_TIMEOUTS;
/** Servers of one domain that are tried one after the other while none can be reached. */
const MAX_SERVERS = 3;

export function createArchiveProbe(deps: ProbeDeps): ProbeArchive {
  return ({ target }, probe) =>
    target.kind === "smtp" ? probeMailbox(deps, target, probe) : probeStore(deps, target, probe);
}

/** One mail, to one mailbox; `probe.from` may be empty. */
export async function probeMailbox(deps: ProbeDeps, target: MailboxTarget, probe: Probe): Promise<ArchiveTest> {
  const way = await findWay(deps, target);
  if (typeof way === "string") return { ok: false, detail: way, dialogue: [`* ${way}`] };
  const recorder = recordDialogue([way.relay?.password ?? ""], `(a probe of ${probe.message.length} bytes)`);
  let result: SpeakResult = { ok: false, detail: "no server is known", isUnheard: true };
  for (const server of way.targets.slice(0, MAX_SERVERS)) {
    result = await speak(deps, { target, probe, server, way, recorder });
    if (!result.isUnheard) break;
  }
  return { ok: result.ok, detail: recorder.clean(result.detail), dialogue: recorder.lines() };
}

/** A text says why there is none. */
async function findWay({ config, sandboxRoutes, resolver }: ProbeDeps, target: MailboxTarget): Promise<Way | string> {
  const { server } = target;
  if (server) return { targets: [{ host: server.host, address: null, port: server.port }], relay: server };
  const { transport, relays, routes } = config;
  const isRouted = "*" in routes || Object.hasOwn(routes, target.address.domain);
  if (transport === "sandbox" && sandboxRoutes === null && !isRouted) {
    return "The transport is the sandbox, and the sandbox does not run in this process: no mail leaves";
  }
  const destination = await routeDomain(
    target.address.domain,
    { routes: {}, transport: "platform" },
    {
      transport,
      relays,
      relayProfile: "classic",
      routes,
      sandboxRoutes,
      resolver,
      // A probe goes where copies go, and these have their own word on TLS.
      stsPolicyFor: () => Promise.resolve(null),
    },
  );
  if (destination.kind === "failed") return destination.detail;
  const site = destination.kind === "site" ? destination : destination.choices[0]?.destination;
  if (!site) return "There is no relay";
  return { targets: site.targets(Math.random), relay: site.relay };
}

type Talk = {
  readonly target: MailboxTarget;
  readonly probe: Probe;
  readonly server: Target;
  readonly way: Way;
  readonly recorder: DialogueRecorder;
};

/** `isUnheard`: no server answered, so another one may. */
type SpeakResult = { readonly ok: boolean; readonly detail: string; readonly isUnheard: boolean };

async function speak(deps: ProbeDeps, talk: Talk): Promise<SpeakResult> {
  const tls = policyOf(talk);
  talk.recorder.note(`connecting to ${talk.server.host}:${talk.server.port}`);
  const outcome = await converse(deps, talk, tls);
  if (tls === "opportunistic" && outcome.kind === "lost" && outcome.trouble === "tls") {
    talk.recorder.note(`TLS failed (${outcome.detail}); once more without, as other mail does`);
    return describe(await converse(deps, talk, "none"), talk.recorder);
  }
  return describe(outcome, talk.recorder);
}

/** A password goes over the network encrypted or not at all: also that of the relay of all mail. */
function policyOf({ target, way }: Talk): TlsPolicy {
  const { relay } = way;
  if (target.server !== null || relay === null) return target.tls;
  if (relay.implicitTls) return "implicit";
  return relay.user !== null && !/^(127\.|localhost$|::1$)/.test(relay.host) ? "required" : target.tls;
}

function converse(deps: ProbeDeps, talk: Talk, tls: TlsPolicy): Promise<Outcome> {
  const { target, probe } = talk;
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  let offered = false;
  let result: Outcome | null = null;
  const session = openSession(optionsOf(deps, talk, tls), {
    takeMessage: () => {
      if (offered) return null;
      offered = true;
      return {
        tag: "probe",
        mailFrom: probe.from,
        rcptTo: target.address.envelope,
        sizeBytes: probe.message.length,
        is8bit: !isAscii(probe.message),
        needsSmtpUtf8: target.address.needsSmtpUtf8,
        body: stuffed(probe.message),
      };
    },
    onOutcome: (_tag, outcome) => {
      result = outcome;
      session.quit();
    },
    onReturn: () => {},
    beforeFlush: () => {},
    onClose: (reason) => {
      clearTimeout(timer);
      const early =
        reason.kind === "failed" ? reason.outcome : lost("detail" in reason ? reason.detail : "it ended early");
      resolve(result ?? early);
    },
  });
  const timer = setTimeout(() => session.abort(`no end after ${PATIENCE / SECOND} s`), PATIENCE);
  return promise;
}

/** RFC 5321 §4.5.2. The messages of deliveries have no such lines; mail that is handed on as it came may have any. */
function stuffed(message: string): string {
  return message.replace(/(^|\r\n)\./g, "$1..");
}

function lost(detail: string): Outcome {
  return { kind: "lost", stage: "connect", trouble: "closed", detail, inDoubt: false };
}

function optionsOf({ config }: ProbeDeps, { server, way, recorder }: Talk, tls: TlsPolicy): ConnectionOptions {
  const { relay } = way;
  return {
    helo: config.heloName ?? hostname(),
    tls,
    credentials: relay?.user ? { user: relay.user, password: relay.password ?? "" } : null,
    maxMessages: 1,
    // One thing after the other is easier to read.
    pipelining: false,
    chunking: false,
    address: server.address ?? server.host,
    port: server.port,
    mx: server.host,
    localAddress: null,
    timeouts: TIMEOUTS,
    ca: null,
    trace: recorder.trace,
  };
}

function describe(outcome: Outcome, recorder: DialogueRecorder): SpeakResult {
  switch (outcome.kind) {
    case "accepted":
      return { ok: true, detail: replyText(outcome.reply), isUnheard: false };
    case "refused":
      return { ok: false, detail: replyText(outcome.reply), isUnheard: false };
    case "lost":
      recorder.note(outcome.detail);
      return { ok: false, detail: outcome.detail, isUnheard: outcome.trouble === "unreachable" };
  }
}

async function probeStore({ config }: ProbeDeps, target: StoreTarget, { name, message }: Probe): Promise<ArchiveTest> {
  const dialogue: string[] = [];
  const bytes = Buffer.from(message, "latin1");
  try {
    const store = openCopyStore(target, config);
    dialogue.push(`C: write ${name} (${bytes.length} bytes)`);
    await store.put(name, bytes, createHash("sha256").update(bytes).digest("base64"));
    dialogue.push("S: written", `C: read ${name}`);
    const back = await store.read(name);
    const isSame = back !== null && bytes.equals(back);
    dialogue.push(back === null ? "S: nothing there" : `S: ${back.length} bytes, ${isSame ? "the same" : "others"}`);
    dialogue.push(`C: remove ${name}`);
    await store.remove(name);
    dialogue.push("S: removed");
    if (!isSame) return { ok: false, detail: "What was written does not come back", dialogue };
    return { ok: true, detail: "A probe was written, read back and removed", dialogue };
  } catch (error) {
    const detail = errorText(error);
    return { ok: false, detail, dialogue: [...dialogue, `S: ${detail}`] };
  }
}
