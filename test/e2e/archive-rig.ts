/**
 * What tests of the archive stand on: a running `envoi start`, a server for all recipients and one for copies, deliveries made through
 * the API, and a watch on figures that must add up at every moment.
 */
import { expect } from "vitest";

import type { Archive, ArchiveLedger, LiveIndicators } from "../../src/contract/index.ts";
import type { TestDatabase } from "../database.ts";
import type { Env, TestDir } from "./envoi.ts";
import { openGround, Rig } from "./rig.ts";
import { SmtpSink } from "./smtp-sink.ts";
import { until } from "./until.ts";

/** Where copies go; no recipient has it. */
export const COPIES = "copies@archive.example";

export class ArchiveRig extends Rig {
  /** Of all recipients. */
  readonly sink: SmtpSink;
  readonly archive: SmtpSink;
  private archives = 0;

  private constructor(dir: TestDir, database: TestDatabase, sink: SmtpSink, archive: SmtpSink, env: Env) {
    super(dir, database, env);
    this.sink = sink;
    this.archive = archive;
  }

  /** Not started yet. `env`: more of it. */
  static async open(env: Env = {}, options: { keepsDialogue?: boolean } = {}): Promise<ArchiveRig> {
    const { dir, database, env: ground } = await openGround();
    const sinks = [new SmtpSink(undefined, options), new SmtpSink(undefined, options)] as const;
    await Promise.all(sinks.map((sink) => sink.listen()));
    return new ArchiveRig(dir, database, ...sinks, { ...ground, ENVOI_ROUTES: sinks[0].route("*"), ...env });
  }

  async close(): Promise<void> {
    // Nobody waits for replies that nobody will give.
    await this.sink.close();
    await this.archive.close();
    await this.end();
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

  ledger(): Promise<ArchiveLedger> {
    return this.call("GET", "/archive");
  }

  /** Everything that waits may be tried now: what the schedules would take minutes and hours for. */
  async hurry(): Promise<void> {
    await this.call("POST", "/archive/actions/retry").catch(() => null);
    await this.hurryMessages();
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
