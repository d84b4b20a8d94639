/** The sandbox role: the simulated internet, its inbox, its readers, and the routes that lead senders to it. */
import type { Routes } from "../platform/config.ts";
import type { Ground } from "./ground.ts";
import {
  createInbox,
  createLaterScheduler,
  createReaders,
  type Readers,
  reportToMessage,
  startSandbox,
  type SandboxProfile,
} from "../sandbox/index.ts";

export type SandboxRole = {
  readonly routes: Routes;
  /** From now on recipients open and click, where the public URL is one of this machine; close before the role. */
  startReaders(publicUrl: string): Readers;
  close(): Promise<void>;
};

export async function startSandboxRole(
  { db, log }: Ground,
  profile: SandboxProfile = "internet",
): Promise<SandboxRole> {
  const inbox = createInbox(db, { log });
  const later = createLaterScheduler({
    deliver: async (report) => inbox.add([reportToMessage(report, Date.now())]),
  });
  let readers: Readers | null = null;
  const sandbox = await startSandbox({
    profile,
    onMessages: (batch) => {
      inbox.add(batch);
      readers?.add(batch);
    },
    onLater: later.add,
  });
  return {
    routes: sandbox.routes(),
    startReaders: (publicUrl) => (readers = createReaders(publicUrl)),
    close: async () => {
      await sandbox.close();
      await later.close();
      await inbox.close();
    },
  };
}
