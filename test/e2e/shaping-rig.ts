/**
 * What tests of shaping stand on: a running `envoi start` and one server for each recipient domain, each at a loopback address of its own, so
 * that each is another site with another MX host name; and what the API says of lanes and events.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { LaneAnswer, MxRuleAnswer, ShapingEventAnswer, SourceAnswer } from "../../src/contract/shaping.ts";
import type { Env } from "./envoi.ts";
import { senderPids } from "./processes.ts";
import { openGround, Rig } from "./rig.ts";
import { SmtpSink } from "./smtp-sink.ts";
import { until } from "./until.ts";

/** What the issue promises of changes that operators make. */
export const SOON_MS = 5000;

type Options = {
  readonly domains: readonly string[];
  readonly env?: (sinks: readonly SmtpSink[]) => Env;
  /** A file of `DATA_DIR/shaping`. */
  readonly shaping?: string;
  readonly keepsSource?: boolean;
  readonly keepsDialogue?: boolean;
};

export class ShapingRig extends Rig {
  /** By recipient domain. */
  private readonly sinks: ReadonlyMap<string, SmtpSink>;

  private constructor(ground: Awaited<ReturnType<typeof openGround>>, env: Env, sinks: ReadonlyMap<string, SmtpSink>) {
    super(ground.dir, ground.database, { ...ground.env, ...env });
    this.sinks = sinks;
  }

  /** Started. */
  static async open({ domains, env = () => ({}), shaping, ...options }: Options): Promise<ShapingRig> {
    const ground = await openGround();
    const sinks = new Map<string, SmtpSink>();
    for (const [i, domain] of domains.entries()) {
      const sink = new SmtpSink(undefined, { keepsSource: false, ...options });
      await sink.listen(0, mxOf(i));
      sinks.set(domain, sink);
    }
    if (shaping !== undefined) {
      mkdirSync(join(ground.dir.path, "shaping"), { recursive: true });
      writeFileSync(join(ground.dir.path, "shaping/10-own.toml"), shaping);
    }
    const routes = [...sinks].map(([domain, sink]) => sink.route(domain)).join(",");
    const rig = new ShapingRig(ground, { ENVOI_ROUTES: routes, ...env([...sinks.values()]) }, sinks);
    await rig.start();
    return rig;
  }

  async close(): Promise<void> {
    for (const sink of this.sinks.values()) await sink.close();
    await this.end();
  }

  sink(domain: string): SmtpSink {
    const sink = this.sinks.get(domain);
    if (!sink) throw new Error(`no server for ${domain}`);
    return sink;
  }

  senders(): number[] {
    return senderPids(this.main.pid);
  }

  /** Known to all senders. */
  async addRule(fields: Readonly<Record<string, unknown>>): Promise<MxRuleAnswer> {
    const rule = await this.call<MxRuleAnswer>("POST", "/mx-rules", fields);
    await this.untilHeard();
    return rule;
  }

  /** All senders have read what was decided so far. */
  private async untilHeard(): Promise<void> {
    const since = new Date();
    await until(async () => {
      const heard = await this.database.db.query("select 1 from senders where seen_at > $1", [since]);
      const senders = this.senders().length;
      return senders > 0 && heard.length >= senders;
    });
  }

  changeRule({ id }: Pick<MxRuleAnswer, "id">, fields: Readonly<Record<string, unknown>>): Promise<MxRuleAnswer> {
    return this.call("PATCH", `/mx-rules/${id}`, fields);
  }

  /** At the loopback address `ip`, greeting with a name of its own. */
  addSource(name: string, ip: string, more: Readonly<Record<string, unknown>> = {}): Promise<SourceAnswer> {
    const fields = { name, addressV4: ip, helo: `${name}.sender.example`, warmUp: "off", ...more };
    return this.call("POST", "/sources", fields);
  }

  /** With the source as it is but for these fields. */
  async changeSource(source: SourceAnswer, fields: Readonly<Record<string, unknown>>): Promise<void> {
    const { id, version: _, createdAt: _1, updatedAt: _2, ...known } = source;
    await this.call("PUT", `/sources/${id}`, { ...known, ...fields });
  }

  /** Weights by source; known to all senders. */
  async addPool(name: string, members: readonly (readonly [SourceAnswer, number])[]): Promise<void> {
    await this.call("POST", "/pools", { name, members: members.map(([{ id }, weight]) => ({ source: id, weight })) });
    await this.untilHeard();
  }

  /** The lane to the server of the domain, as soon as its sender told of it and `holds`. */
  lane(domain: string, holds: (lane: LaneAnswer) => boolean = () => true): Promise<LaneAnswer> {
    return until(async () => (await this.lanes(domain)).find(holds) ?? null);
  }

  /** Those to the server of the domain. */
  async lanes(domain: string): Promise<LaneAnswer[]> {
    const [, site = ""] = this.sink(domain).route(domain).split("=");
    const { data } = await this.call<{ data: LaneAnswer[] }>("GET", "/lanes?limit=100");
    return data.filter((lane) => lane.site === site);
  }

  /** Newest first. */
  async events(query = ""): Promise<ShapingEventAnswer[]> {
    const { data } = await this.call<{ data: ShapingEventAnswer[] }>("GET", `/shaping-events?limit=100${query}`);
    return data;
  }

  untilEvent(is: (event: ShapingEventAnswer) => boolean): Promise<ShapingEventAnswer> {
    return until(async () => (await this.events()).find(is) ?? null);
  }

  /** Ends everything under way, so that the next test begins with nothing. */
  async stopAll(): Promise<void> {
    const running = await this.database.db.query<{ id: number }>(
      "select id from deliveries where state in ('in-progress', 'paused')",
    );
    for (const { id } of running) {
      await this.call("POST", `/deliveries/${id}/actions/stop`);
      await this.untilState(id, "stopped");
    }
    const { data } = await this.call<{ data: MxRuleAnswer[] }>("GET", "/mx-rules");
    for (const { id } of data) await this.call("DELETE", `/mx-rules/${id}`);
  }
}

/** Host name of the server of the domain number `i`; masks of rules are for these. */
function mxOf(i: number): string {
  return `127.0.1.${i + 1}`;
}

/** The most that any window has above the rate: happenings in it − rate × its length. Times in order. */
export function excessOver(perSecond: number, times: readonly number[]): number {
  let level = 0;
  let most = 0;
  let last = times[0] ?? 0;
  for (const at of times) {
    level = Math.max(0, level - ((at - last) / 1000) * perSecond) + 1;
    most = Math.max(most, level);
    last = at;
  }
  return most;
}

/** So many were open at the same moment. */
export function mostAtOnce(connections: readonly { readonly openedAt: number; readonly closedAt: number }[]): number {
  const steps = connections.flatMap(({ openedAt, closedAt }) => [
    { at: openedAt, by: 1 },
    { at: closedAt, by: -1 },
  ]);
  let open = 0;
  let most = 0;
  for (const { by } of steps.toSorted((one, other) => one.at - other.at || one.by - other.by)) {
    open += by;
    most = Math.max(most, open);
  }
  return most;
}
