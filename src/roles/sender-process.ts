/**
 * Entry of a sender process: composes one sender from its parent's order. Ends when the parent disconnects or is gone,
 * after the messages on the wire; Ctrl-C is the parent's business.
 */
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { codec } from "../adapters/charset/codec.ts";
import { readSigningKey, sha256Base64, sign } from "../adapters/crypto/crypto.ts";
import { createDns } from "../adapters/dns/create-dns.ts";
import { createMtaSts } from "../adapters/mta-sts/create-mta-sts.ts";
import { stsFile } from "../adapters/mta-sts/sts-file.ts";
import { openMasterKey } from "../features/secrets/index.ts";
import { loadRuleSet } from "../features/bounces/index.ts";
import { openRuleBook } from "../features/reply-texts/index.ts";
import { loadShapingFiles } from "../features/shaping/index.ts";
import { openJournal } from "../mta/journal.ts";
import { recoverSender } from "../mta/recover.ts";
import { SYSTEM_TIMERS, systemClock } from "../mta/clock.ts";
import { startSender, type Sender } from "../mta/sender.ts";
import { takeOrphans, takeSlot } from "../mta/slot.ts";
import { openDb } from "../platform/db.ts";
import { errorText } from "../platform/errors.ts";
import { SHAPING_CHANNEL } from "../platform/events.ts";
import { createLog } from "../platform/log.ts";
import { yieldPool } from "../platform/yield-pool.ts";
import type { CopyStore } from "../platform/copy-store.ts";
import type { StoreTarget } from "./copy-stores.ts";
import { dnsOptions } from "./dns-options.ts";
import { smtpSessions } from "./smtp-sessions.ts";
import type { SenderOrder } from "./senders.ts";

const BOUNCE_RULES = fileURLToPath(new URL("../../rules/bounces", import.meta.url));
/** How long a sender that lost its slot waits for the replies to what is on the wire. */
const LAST_REPLIES_MS = 15_000;

/** Messages and what is written are cut out of pieces of memory of this size, instead of each asking the system for its own. */
const BUFFER_POOL = 131_072;

async function main(order: SenderOrder): Promise<void> {
  const { config } = order;
  Buffer.poolSize = BUFFER_POOL;
  await yieldPool();
  const log = createLog(config.logLevel, "sender");
  const db = await openDb(order.databaseUrl, { poolSize: 4, applicationName: "envoi sender" });
  const end = (code: number) => process.exit(code);
  for (const orphan of await takeOrphans(db, config.dataDir)) {
    const recovery = await recoverSender(db, orphan.sender, orphan.journalDir, Date.now());
    if (recovery.committed + recovery.inDoubt > 0) log.warn({ sender: orphan.sender, ...recovery }, "recovered");
    await orphan.lock.close();
  }
  let sender: Sender | null = null;
  const slot = await takeSlot(db, config.dataDir, () => {
    log.warn("the connection that holds this sender's slot is gone");
    // Somebody else may take the slot now: nothing new leaves. What is on the wire gets its reply into the journal.
    setTimeout(end, LAST_REPLIES_MS, 1);
    void Promise.resolve(sender?.abandon()).finally(() => end(1));
  });
  await recoverSender(db, slot.sender, slot.journalDir, Date.now());
  const dns = createDns(dnsOptions(config));
  const mtaSts = createMtaSts({
    resolver: dns,
    now: Date.now,
    store: stsFile(join(config.dataDir, "mta-sts.json"), (text) => log.warn(text)),
  });
  const ruleBook = await openRuleBook(db, await loadRuleSet(BOUNCE_RULES));
  const onRulesLost = (error: unknown) => log.warn({ error: errorText(error) }, "the bounce rules cannot be read anew");
  const ruleChanges = await db.listen(SHAPING_CHANNEL, () => void ruleBook.refresh().catch(onRulesLost));
  const running = await startSender({
    id: slot.sender,
    index: order.index,
    of: config.senders,
    db,
    log,
    journal: openJournal(slot.journalDir),
    get bounceRules() {
      return ruleBook.current();
    },
    shaping: loadShapingFiles(config.dataDir),
    routing: {
      transport: config.transport,
      relays: config.relays,
      relayProfile: config.relayProfile,
      routes: config.routes,
      sandboxRoutes: order.sandboxRoutes,
      resolver: dns,
      stsPolicyFor: (domain) => mtaSts.policyFor(domain),
    },
    crypto: { sha256Base64, sign },
    readKey: readSigningKey,
    codec,
    masterKey: await openMasterKey(db, config, Date.now()),
    openStore: (target) => openStore(target, config.dataDir),
    sessions: (beforeFlush) => smtpSessions(config.heloName ?? hostname(), beforeFlush),
    clock: systemClock(),
    timers: SYSTEM_TIMERS,
    random: Math.random,
  });
  sender = running;
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await running.stop();
    await ruleChanges.close();
    await mtaSts.close();
    dns.close();
    await slot.lock.close();
    await db.close();
    end(0);
  };
  leave = () => void stop();
}

/** What zips and signed requests need is loaded by senders that have such archives, and by no others. */
function openStore(target: StoreTarget, dataDir: string): Pick<CopyStore, "put"> {
  const opening = import("./copy-stores.ts").then(({ openCopyStore }) => openCopyStore(target, { dataDir }));
  // Told to whoever puts something there.
  opening.catch(() => {});
  return { put: async (...copy) => (await opening).put(...copy) };
}

/** Before the sender runs there is nothing to finish: what it had begun to put in order, the next one does again. */
let leave = (): void => process.exit(0);
process.on("disconnect", () => leave());
process.on("SIGTERM", () => leave());
process.on("SIGINT", () => {});
process.once("message", (order: SenderOrder) => {
  main(order).catch((error: unknown) => {
    process.stderr.write(`sender: ${errorText(error)}\n`);
    process.exit(1);
  });
});
