/**
 * Envoi ready to send: a fresh data directory with the embedded PostgreSQL, the audience imported, optionally a delivery
 * of many recipients in progress whose destinations let next to nothing through. Each run is a delivery of its own,
 * analysed before its clock starts.
 */
import { createWriteStream, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { codec } from "../src/adapters/charset/codec.ts";
import { readSigningKey } from "../src/adapters/crypto/crypto.ts";
import type { CreateDelivery } from "../src/contract/index.ts";
import { beginAnalysis, runAnalysis } from "../src/features/analysis/index.ts";
import { importFile } from "../src/features/audience/index.ts";
import { CONTROL_CHANNEL, confirmDelivery, createDelivery } from "../src/features/deliveries/index.ts";
import { saveSigningKey } from "../src/features/domains/index.ts";
import { loadConfig } from "../src/platform/config.ts";
import { openGround, type Ground } from "../src/roles/ground.ts";
import { startSenders, type Senders } from "../src/roles/senders.ts";
import {
  type ArchiveWish,
  csvOf,
  deliveryOf,
  members,
  routesTo,
  type Person,
  type Signing,
  type Size,
} from "./campaign.ts";
import { parentOf } from "./process-usage.ts";

/** Of the API, for benchmarks that start the web role. */
export const ADMIN_TOKEN = "bench-token";
const WAITING_DOMAINS = 100;

export type RigOptions = {
  readonly dir: string;
  readonly messages: number;
  /** Recipients of the delivery that waits; 0: there is none. */
  readonly waiting: number;
  /** Recipients of the delivery of `prepareDeferred`. */
  readonly deferred?: number;
  readonly size?: Size;
  readonly senders: number;
  /** Null: messages go unsigned. */
  readonly signing: Signing | null;
  /** Connections to one destination; null: the rule that ships. */
  readonly connections: number | null;
  /** Of the receiving server, one per destination domain: as many domains as ports. */
  readonly ports: readonly number[];
  /** Folder for a CPU profile of each sender. */
  readonly profileDir: string | null;
};

export type Rig = {
  readonly ground: Ground;
  readonly postgresVersion: string;
  /** Process id of the server; null when it cannot be told. */
  readonly postmaster: number | null;
  /** A new delivery to all members, analysed; with copies when `archive` says so, to another server when `ports` do. */
  prepare(label: string, archive?: ArchiveWish, ports?: readonly number[]): Promise<number>;
  /** A delivery whose messages all had one attempt, were put off and are due again. */
  prepareDeferred(): Promise<number>;
  /** Addresses that a run quarantined are recipients of the next one again. */
  forgetQuarantine(): Promise<void>;
  /** Resolves when the senders listen. */
  startSenders(): Promise<Senders>;
  confirm(delivery: number): Promise<void>;
  /** Resolves when every message of the delivery is final. */
  finished(delivery: number): Promise<void>;
  close(): Promise<void>;
};

export async function openRig(options: RigOptions): Promise<Rig> {
  const dataDir = join(options.dir, "data");
  const config = loadConfig({
    ENVOI_DATA_DIR: dataDir,
    ENVOI_LOG_LEVEL: "warn",
    ENVOI_TRANSPORT: "direct",
    ENVOI_SENDERS: String(options.senders),
    ENVOI_ADMIN_TOKEN: ADMIN_TOKEN,
    PORT: "0",
  });
  const ground = await openGround(config);
  try {
    writeShaping(dataDir, options.connections);
    return await fillRig(ground, options);
  } catch (error) {
    await ground.close();
    throw error;
  }
}

async function fillRig(ground: Ground, options: RigOptions): Promise<Rig> {
  const { db, masterKey } = ground;
  if (options.signing) await saveSigningKey(db, { masterKey, readKey: readSigningKey }, options.signing, Date.now());
  const domains = options.ports.length;
  const audience = await importPeople(ground, join(options.dir, "members.csv"), members(options.messages, domains));
  if (options.waiting > 0) await addWaiting(ground, options);
  const [server] = await db.query<{ version: string; backend: number }>(
    "select current_setting('server_version') as version, pg_backend_pid() as backend",
  );
  return {
    ground,
    postgresVersion: server?.version ?? "unknown",
    postmaster: server ? parentOf(server.backend) : null,
    prepare: (label, archive, ports = options.ports) =>
      prepareDelivery(ground, deliveryOf(label, audience, routesTo(ports), archive, options.size)),
    prepareDeferred: () => prepareDeferred(ground, options),
    forgetQuarantine: async () => void (await db.query("delete from quarantine")),
    startSenders: async () => {
      const senders = startProfiled(ground, options.profileDir);
      await untilListening(ground, options.senders);
      return senders;
    },
    confirm: (delivery) => confirmDelivery(db, delivery, "bench", Date.now()),
    finished: (delivery) => untilFinished(ground, delivery),
    close: () => ground.close(),
  };
}

/** `localhost` is where the delivery that waits is to go; the members' servers are known by their number. */
function writeShaping(dataDir: string, connections: number | null): void {
  const rule = (name: string, mx: string, limits: string) =>
    `[[rule]]\nname = "${name}"\nmx = ["${mx}"]\n${limits}\nsource = "bench"\nexamples = ["${mx}"]\n`;
  const rules = [rule("waiting", "localhost", "connections = 1\nmessages_per_connection = 1\nmessages_per_hour = 1")];
  if (connections !== null) {
    rules.push(rule("members", "127.0.0.1", `connections = ${connections}\nmessages_per_connection = 500`));
  }
  mkdirSync(join(dataDir, "shaping"), { recursive: true });
  writeFileSync(join(dataDir, "shaping", "bench.toml"), rules.join("\n"));
}

async function importPeople({ db }: Ground, path: string, people: Iterable<Person>): Promise<string> {
  await pipeline(Readable.from(csvOf(people)), createWriteStream(path));
  const imported = await importFile(db, { fileName: "members.csv", path }, { now: Date.now });
  if (imported.counts.created !== imported.counts.total) throw new Error("not every member was imported");
  return imported.id;
}

async function prepareDelivery({ db }: Ground, delivery: CreateDelivery): Promise<number> {
  const created = await createDelivery(db, delivery, "bench", Date.now());
  const id = Number(created.id);
  await beginAnalysis(db, id, "bench", Date.now());
  const checklist = await runAnalysis(db, id, Date.now, { publicUrl: "https://t.shop.example", codec });
  if (!checklist.ready) throw new Error(`the analysis found errors: ${JSON.stringify(checklist.items)}`);
  return id;
}

/** Confirmed before the members' delivery, so that senders meet it first. */
async function addWaiting(ground: Ground, { dir, waiting, messages, ports }: RigOptions): Promise<void> {
  const domain = (n: number) => `waiting-${n % WAITING_DOMAINS}.example`;
  const people = function* () {
    let n = 0;
    for (const each of members(waiting)) yield { ...each, email: `member-${messages + n}@${domain(n++)}` };
  };
  const routes = Array.from({ length: WAITING_DOMAINS }, (_, n) => [domain(n), `localhost:${ports[0]}`] as const);
  const audience = await importPeople(ground, join(dir, "waiting.csv"), people());
  const id = await prepareDelivery(ground, deliveryOf("waiting", audience, Object.fromEntries(routes)));
  await ground.db.query("vacuum analyze");
  await confirmDelivery(ground.db, id, "bench", Date.now());
}

/** What a first attempt that was put off leaves behind, without one. */
async function prepareDeferred(ground: Ground, { dir, deferred = 0, ports, size }: RigOptions): Promise<number> {
  const people = function* () {
    for (const each of members(deferred, ports.length)) yield { ...each, email: `deferred-${each.email}` };
  };
  const audience = await importPeople(ground, join(dir, "deferred.csv"), people());
  const id = await prepareDelivery(ground, deliveryOf("deferred", audience, routesTo(ports), {}, size));
  const { db } = ground;
  const parts = "select id from delivery_parts where delivery_id = $1";
  const reply = "451 4.7.1 please try again later";
  await db.query(
    `insert into message_attempts (part_id, seq, attempt, at, kind, stage, code, enhanced, reply, type, reason)
     select part_id, seq, 1, now(), 'refused', 'rcpt', 451, '4.7.1', $2, 'soft', 'refused' from messages
      where part_id in (${parts})`,
    [id, reply],
  );
  await db.query(
    `update messages set status = 'taken-into-account', attempts = 1, type = 'soft', reason = 'refused', next_attempt_at = now()
      where part_id in (${parts})`,
    [id],
  );
  await db.query("update delivery_parts set retrying = pending, pending = 0 where delivery_id = $1", [id]);
  await db.query("vacuum analyze");
  return id;
}

/** The profile option reaches the senders through their environment. */
function startProfiled({ databaseUrl, config, log }: Ground, dir: string | null): Senders {
  const before = process.env["NODE_OPTIONS"];
  if (dir !== null) process.env["NODE_OPTIONS"] = `${before ?? ""} --cpu-prof --cpu-prof-dir=${dir}`;
  const senders = startSenders(databaseUrl, config, null, log);
  if (before === undefined) delete process.env["NODE_OPTIONS"];
  else process.env["NODE_OPTIONS"] = before;
  return senders;
}

/** A sender that listens to control announcements has its rules, its slot and its journal. */
async function untilListening({ db }: Ground, senders: number): Promise<void> {
  for (;;) {
    const [row] = await db.query<{ count: number }>(
      "select count(*) from pg_stat_activity where application_name = 'envoi sender' and query = $1",
      [`listen ${CONTROL_CHANNEL}`],
    );
    if ((row?.count ?? 0) >= senders) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function untilFinished({ db }: Ground, delivery: number): Promise<void> {
  const done = Promise.withResolvers<void>();
  const look = () =>
    void db
      .query<{ state: string }>("select state from deliveries where id = $1", [delivery])
      .then(([row]) => row?.state === "finished" && done.resolve(), done.reject);
  const listener = await db.listen(CONTROL_CHANNEL, look);
  await done.promise;
  await listener.close();
}
