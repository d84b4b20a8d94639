/**
 * What tests of the archive stand on: a running `envoi start`, a server for all recipients and one for copies, deliveries made through
 * the API, and a watch on figures that must add up at every moment.
 */
import { expect } from "vitest";

import type { Archive, ArchiveLedger, Delivery, LiveIndicators } from "../../src/contract/index.ts";
import { createTestDatabase, type TestDatabase } from "../database.ts";
import { apiOf, TOKEN } from "./api.ts";
import { csvOf, makeTestDir, startEnvoi, type Env, type Run, type TestDir } from "./envoi.ts";
import { childrenOf, kill9 } from "./processes.ts";
import { analyse, callApi, type Call } from "./rich-delivery.ts";
import { SmtpSink } from "./smtp-sink.ts";
import { until } from "./until.ts";

/** Where copies go; no recipient has it. */
export const COPIES = "copies@archive.example";

export type Wanted = {
  readonly count: number;
  /** Of the recipients; without any, nobody's. */
  readonly domains?: readonly string[];
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, unknown>>;
};

export class ArchiveRig {
  readonly dir: TestDir;
  readonly database: TestDatabase;
  /** Of all recipients. */
  readonly sink: SmtpSink;
  readonly archive: SmtpSink;
  private readonly env: Env;
  private readonly runs: Run[] = [];
  private url = "";
  private archives = 0;

  private constructor(dir: TestDir, database: TestDatabase, sink: SmtpSink, archive: SmtpSink, env: Env) {
    this.dir = dir;
    this.database = database;
    this.sink = sink;
    this.archive = archive;
    this.env = env;
  }

  /** Not started yet. `env`: more of it. */
  static async open(env: Env = {}, options: { keepsDialogue?: boolean } = {}): Promise<ArchiveRig> {
    const dir = makeTestDir();
    const database = await createTestDatabase();
    const sinks = [new SmtpSink(undefined, options), new SmtpSink(undefined, options)] as const;
    await Promise.all(sinks.map((sink) => sink.listen()));
    return new ArchiveRig(dir, database, ...sinks, {
      DATABASE_URL: database.url,
      ENVOI_DATA_DIR: dir.path,
      ENVOI_SENDERS: "1",
      ENVOI_ROLES: "web,worker,sender",
      ENVOI_ADMIN_TOKEN: TOKEN,
      ENVOI_ROUTES: sinks[0].route("*"),
      ENVOI_PUBLIC_URL: "https://t.sender.example",
      ENVOI_LOG_LEVEL: "warn",
      PORT: "0",
      ...env,
    });
  }

  readonly call: Call = (method, path, body) => callApi(this.url, method, path, body);

  /** Of the web role. */
  get address(): string {
    return this.url;
  }

  readonly authorization = { authorization: `Bearer ${TOKEN}` };

  get environment(): Env {
    return this.env;
  }

  get main(): Run {
    const run = this.runs.at(-1);
    if (!run) throw new Error("nothing was started");
    return run;
  }

  async start(): Promise<void> {
    this.runs.push(startEnvoi(["start"], this.env));
    ({ url: this.url } = await apiOf(this.main));
  }

  /** Without a word, as the operating system would. */
  async killMain(): Promise<void> {
    kill9(this.main.pid);
    await this.main.ended;
  }

  async close(): Promise<void> {
    // Nobody waits for replies that nobody will give.
    await this.sink.close();
    await this.archive.close();
    const run = this.runs.at(-1);
    run?.child.kill("SIGTERM");
    await run?.ended;
    for (const { pid } of this.runs) kill9(pid, ...childrenOf(pid));
    await this.database.drop();
    this.dir.remove();
  }

  /** The id. Where `target` names no kind: a mailbox at the server for copies, with these changes. */
  async addArchive(target: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const mailbox = { kind: "smtp", address: COPIES, server: `127.0.0.1:${this.archive.port}`, tls: "none" };
    const { id } = await this.call<Archive>("POST", "/archives", {
      name: `Archive ${++this.archives}`,
      target: target["kind"] === undefined ? { ...mailbox, ...target } : target,
    });
    return id;
  }

  /** The id of a new delivery. */
  async create({ count, domains = ["one.example"], settings = {}, content = {} }: Wanted): Promise<number> {
    const people = Array.from({ length: count }, (_, i) => ({
      email: `p${i}@${domains[i % domains.length]}`,
      name: `Name ${i}`,
    }));
    const { id } = await this.call<Delivery>("POST", "/deliveries", {
      label: "Copies",
      content: {
        subject: "Hello {{ recipient.name }}",
        html: "<p>Hello {{ recipient.name }}, unsubscribe</p>",
        ...content,
      },
      sender: { name: "Tests", address: "news@sender.example" },
      audience: { import: await this.importPeople(people) },
      settings: { partSize: 100, ...settings },
    });
    return Number(id);
  }

  private async importPeople(people: Parameters<typeof csvOf>[0]): Promise<string> {
    const form = new FormData();
    form.append("file", new Blob([csvOf(people)]), "people.csv");
    const { id } = await this.call<{ id: string }>("POST", "/imports", form);
    await until(async () => (await this.call<{ status: string }>("GET", `/imports/${id}`)).status === "completed");
    return id;
  }

  /** The same, analysed without errors. */
  async prepare(wanted: Wanted): Promise<number> {
    const id = await this.create(wanted);
    await analyse(this.call, String(id));
    return id;
  }

  async confirm(id: number): Promise<void> {
    await this.call("POST", `/deliveries/${id}/actions/confirm`);
  }

  indicators(id: number): Promise<LiveIndicators> {
    return this.call("GET", `/deliveries/${id}/indicators`);
  }

  /** Figures once the delivery is in this state; processes may be away meanwhile. */
  untilState(id: number, state: string): Promise<LiveIndicators> {
    return until(async () => {
      const now = await this.indicators(id).catch(() => null);
      return now?.state === state && now;
    });
  }

  ledger(): Promise<ArchiveLedger> {
    return this.call("GET", "/archive");
  }

  /** Everything that waits may be tried now: what the schedules would take minutes and hours for. */
  async hurry(): Promise<void> {
    await this.call("POST", "/archive/actions/retry").catch(() => null);
    await this.database.db.query(
      "update messages set next_attempt_at = now() where status = 'taken-into-account' and next_attempt_at > now()",
    );
    await this.database.db.query("update delivery_parts set due_at = now() where due_at > now() and owner is null");
  }

  /** Figures once nothing is owed any more. */
  untilPaid(id: number): Promise<LiveIndicators> {
    return until(async () => {
      await this.hurry();
      const now = await this.indicators(id).catch(() => null);
      return now?.copies.owed === 0 && now;
    });
  }

  /** Looks again and again until `end` is called; whatever was seen that cannot be makes `end` fail. */
  watchFigures(id: number, toDeliver: number): { end(): Promise<void> } {
    const wrong: unknown[] = [];
    let looks = 0;
    let ended = false;
    const watching = until(async () => {
      const now = await this.indicators(id).catch(() => null);
      if (now) looks++;
      if (now && !addsUp(now, toDeliver)) wrong.push(now);
      return ended;
    });
    return {
      end: async () => {
        ended = true;
        await watching;
        expect(wrong).toEqual([]);
        expect(looks).toBeGreaterThan(0);
      },
    };
  }
}

/** Copies are in no figure but their own. */
function addsUp({ copies, ...figures }: LiveIndicators, toDeliver: number): boolean {
  const { sent, failed, cancelled, pending, inDoubt } = figures;
  return (
    copies.due === copies.archived + copies.owed + copies.givenUp &&
    figures.toDeliver === toDeliver &&
    sent + failed + cancelled + pending + inDoubt === toDeliver
  );
}
