/** The composition root: from configuration to running roles. One build, roles by flag. */
import type { Config } from "./platform/config.ts";
import { openGround, type Ground } from "./roles/ground.ts";
import { startInbound } from "./roles/inbound.ts";
import { openSiteLookUp } from "./roles/look-up-sites.ts";
import { createMailer } from "./roles/send-mail.ts";
import { openOutward } from "./roles/outward.ts";
import { type SandboxRole, startSandboxRole } from "./roles/sandbox.ts";
import { startSenders } from "./roles/senders.ts";
import { startWeb, type Web } from "./roles/web.ts";
import { openSurroundings } from "./roles/surroundings.ts";
import { startWorker } from "./roles/worker.ts";

export type Envoi = {
  readonly ground: Ground;
  readonly web: Web | null;
  /** Base of the links in messages. */
  readonly publicUrl: string;
  /** What the terminal shows when everything runs. */
  readonly banner: string;
  close(): Promise<void>;
};

type Closable = { close(): Promise<void> };

/** Starts the configured roles in order of need; whatever fails closes what runs already. */
export async function startEnvoi(config: Config): Promise<Envoi> {
  const ground = await openGround(config);
  const running: Closable[] = [ground];
  const start = async <T extends Closable>(role: Promise<T>): Promise<T> => {
    const started = await role;
    running.unshift(started);
    return started;
  };
  const close = async () => {
    for (const role of running.splice(0)) await role.close();
  };
  const has = (role: Config["roles"][number]) => config.roles.includes(role);
  try {
    const sandbox = has("sandbox") && config.transport === "sandbox" ? await start(startSandboxRole(ground)) : null;
    const web = has("web") ? await start(startWeb(ground, sandbox?.routes ?? null)) : null;
    const publicUrl = web?.publicUrl ?? config.publicUrl;
    const outward = await start(openOutward(ground, () => startOutward(ground, sandbox, publicUrl)));
    return { ground, web, publicUrl, banner: describe(config, web, outward.isHeld), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Roles that send, take in or fetch. */
async function startOutward(ground: Ground, sandbox: SandboxRole | null, publicUrl: string): Promise<Closable> {
  const { config, log } = ground;
  const routes = sandbox?.routes ?? null;
  const running: Closable[] = [];
  const close = async () => {
    for (const role of running.splice(0)) await role.close();
  };
  try {
    if (config.roles.includes("sender")) {
      const senders = startSenders(ground.databaseUrl, config, routes, log);
      running.unshift({ close: () => senders.stop() });
    }
    const inbound = config.roles.includes("inbound") ? await startInbound(ground, sandbox !== null) : null;
    if (inbound) {
      running.unshift(inbound);
      sandbox?.sendBackTo(inbound);
    }
    if (sandbox) running.unshift(sandbox.startReaders(publicUrl));
    if (config.roles.includes("worker")) {
      running.unshift(
        await startWorker(
          ground,
          publicUrl,
          openSiteLookUp(config, routes),
          createMailer(config, routes),
          openSurroundings(config, ground.db),
        ),
      );
    }
    return { close };
  } catch (error) {
    await close();
    throw error;
  }
}

function describe(config: Config, web: Web | null, isHeld: boolean): string {
  if (!web) return `Envoi runs (${config.roles.join(", ")})`;
  const lines = [`Envoi is ready: ${web.signInUrl}`];
  if (web.tokenPath) lines.push(`The admin token lies in ${web.tokenPath}`);
  if (config.transport === "sandbox") lines.push("Transport sandbox: no mail leaves this machine.");
  if (isHeld) lines.push("HELD: nothing is sent, fetched or analysed until somebody releases it (envoi release).");
  else if (!config.roles.includes("worker")) lines.push("No worker role here: analyses wait for one.");
  return lines.join("\n");
}
