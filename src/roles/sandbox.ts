/** The sandbox role: the simulated internet, its inbox, its readers, and the routes that lead senders to it. */
import type { Routes } from "../platform/config.ts";
import type { Ground } from "./ground.ts";
import { createSendBack, type Door } from "./send-back.ts";
import {
  createInbox,
  createLaterScheduler,
  createReaders,
  type LaterReport,
  loadReplies,
  type Readers,
  reportToMessage,
  startSandbox,
  type SandboxProfile,
} from "../sandbox/index.ts";

export type SandboxRole = {
  readonly routes: Routes;
  /** From now on recipients open and click, where the public URL is one of this machine; close before the role. */
  startReaders(publicUrl: string): Readers;
  /** From now on what comes back goes there by SMTP too; the inbox of the sandbox keeps it in any case. */
  sendBackTo(door: Door): void;
  close(): Promise<void>;
};

export async function startSandboxRole(
  { db, log, config }: Ground,
  profile: SandboxProfile = "internet",
): Promise<SandboxRole> {
  const inbox = createInbox(db, { log });
  let sendBack: ((report: LaterReport) => Promise<void>) | null = null;
  const later = createLaterScheduler({
    deliver: async (report) => {
      if (report.tries === undefined) inbox.add([reportToMessage(report, Date.now())]);
      await sendBack?.(report);
    },
  });
  let readers: Readers | null = null;
  const sandbox = await startSandbox({
    profile,
    replies: await loadReplies(config.sandboxReplies),
    onMessages: (batch) => {
      inbox.add(batch);
      readers?.add(batch);
    },
    onLater: later.add,
  });
  return {
    routes: sandbox.routes(),
    startReaders: (publicUrl) => (readers = createReaders(publicUrl)),
    sendBackTo: (door) => {
      sendBack = createSendBack({ config, log, door, now: Date.now, again: later.add });
    },
    close: async () => {
      await sandbox.close();
      await later.close();
      await inbox.close();
    },
  };
}
