/** The composition root: from configuration to running roles. One build, roles by flag. */
import type { Config } from "./platform/config.ts";
import { openGround, type Ground } from "./roles/ground.ts";
import { startInbound } from "./roles/inbound.ts";
import { openSiteLookUp } from "./roles/look-up-sites.ts";
import { createMailer } from "./roles/send-mail.ts";
import { startSandboxRole } from "./roles/sandbox.ts";
import { startSenders } from "./roles/senders.ts";
import { startWeb, type Web } from "./roles/web.ts";
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
    if (has("sender")) {
      const senders = startSenders(ground.databaseUrl, config, sandbox?.routes ?? null, ground.log);
      running.unshift({ close: () => senders.stop() });
    }
    const routes = sandbox?.routes ?? null;
    const inbound = has("inbound") ? await startInbound(ground, sandbox !== null) : null;
    if (inbound) {
      running.unshift(inbound);
      sandbox?.sendBackTo(inbound);
    }
    const web = has("web") ? await start(startWeb(ground, sandbox?.routes ?? null)) : null;
    const publicUrl = web?.publicUrl ?? config.publicUrl;
    if (sandbox) running.unshift(sandbox.startReaders(publicUrl));
    const worker = has("worker")
      ? await start(startWorker(ground, publicUrl, openSiteLookUp(config, routes), createMailer(config, routes)))
      : null;
    return { ground, web, publicUrl, banner: describe(config, web, worker !== null), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function describe(config: Config, web: Web | null, worker: boolean): string {
  if (!web) return `Envoi runs (${config.roles.join(", ")})`;
  const lines = [`Envoi is ready: ${web.signInUrl}`];
  if (web.tokenPath) lines.push(`The admin token lies in ${web.tokenPath}`);
  if (config.transport === "sandbox") lines.push("Transport sandbox: no mail leaves this machine.");
  if (!worker) lines.push("No worker role here: analyses wait for one.");
  return lines.join("\n");
}
