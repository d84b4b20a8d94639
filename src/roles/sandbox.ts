/** The sandbox role: the simulated internet, its inbox, and the routes that lead senders to it. */
import type { Routes } from "../platform/config.ts";
import type { Ground } from "./ground.ts";
import {
  createInbox,
  createLaterScheduler,
  reportToMessage,
  startSandbox,
  type SandboxProfile,
} from "../sandbox/index.ts";

export type SandboxRole = { readonly routes: Routes; close(): Promise<void> };

export async function startSandboxRole(
  { db, log }: Ground,
  profile: SandboxProfile = "internet",
): Promise<SandboxRole> {
  const inbox = createInbox(db, { log });
  const later = createLaterScheduler({
    deliver: async (report) => inbox.add([reportToMessage(report, Date.now())]),
  });
  const sandbox = await startSandbox({ profile, onMessages: inbox.add, onLater: later.add });
  return {
    routes: sandbox.routes(),
    close: async () => {
      await sandbox.close();
      await later.close();
      await inbox.close();
    },
  };
}
