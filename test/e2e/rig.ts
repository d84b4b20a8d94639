/** A running `envoi start` on a database and a folder of its own, and deliveries made through its API. */
import type { Delivery, LiveIndicators } from "../../src/contract/index.ts";
import { createTestDatabase, type TestDatabase } from "../database.ts";
import { apiOf, TOKEN } from "./api.ts";
import { csvOf, makeTestDir, startEnvoi, type Env, type Run, type TestDir } from "./envoi.ts";
import { childrenOf, kill9 } from "./processes.ts";
import { analyse, callApi, type Call } from "./rich-delivery.ts";
import { until } from "./until.ts";

/** A process that does not end by itself must not outlive its test. */
const END_MS = 40_000;

export type Wanted = {
  readonly count: number;
  /** Local parts begin with it. */
  readonly name?: string;
  /** Of the recipients; without any, nobody's. */
  readonly domains?: readonly string[];
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, unknown>>;
};

export async function openGround(): Promise<{ dir: TestDir; database: TestDatabase; env: Env }> {
  const dir = makeTestDir();
  const database = await createTestDatabase();
  const env = {
    DATABASE_URL: database.url,
    ENVOI_DATA_DIR: dir.path,
    ENVOI_SENDERS: "1",
    ENVOI_ROLES: "web,worker,sender",
    ENVOI_ADMIN_TOKEN: TOKEN,
    ENVOI_PUBLIC_URL: "https://t.sender.example",
    ENVOI_LOG_LEVEL: "warn",
    PORT: "0",
  };
  return { dir, database, env };
}

export class Rig {
  readonly dir: TestDir;
  readonly database: TestDatabase;
  private readonly env: Env;
  private readonly runs: Run[] = [];
  private url = "";

  protected constructor(dir: TestDir, database: TestDatabase, env: Env) {
    this.dir = dir;
    this.database = database;
    this.env = env;
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

  protected async end(): Promise<void> {
    const run = this.runs.at(-1);
    run?.child.kill("SIGTERM");
    const patience = new Promise((resolve) => setTimeout(resolve, END_MS).unref());
    await Promise.race([run?.ended, patience]);
    for (const { pid } of this.runs) kill9(...childrenOf(pid), pid);
    await this.database.drop();
    this.dir.remove();
  }

  /** The id of a new delivery. */
  async create({ count, name = "p", domains = ["one.example"], settings = {}, content = {} }: Wanted): Promise<number> {
    const people = Array.from({ length: count }, (_, i) => ({
      email: `${name}${i}@${domains[i % domains.length]}`,
      name: `Name ${i}`,
    }));
    const { id } = await this.call<Delivery>("POST", "/deliveries", {
      label: "News",
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

  protected async importPeople(people: Parameters<typeof csvOf>[0]): Promise<string> {
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

  /** Every message that waits for its next attempt may have it now. */
  async hurryMessages(): Promise<void> {
    await this.database.db.query(
      "update messages set next_attempt_at = now() where status = 'taken-into-account' and next_attempt_at > now()",
    );
    await this.database.db.query("update delivery_parts set due_at = now() where due_at > now() and owner is null");
  }
}
