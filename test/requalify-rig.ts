/** What tests of past messages judged again start from: a real log of messages that failed, its texts, its quarantine, and the work. */
import { fileURLToPath } from "node:url";

import type { Requalification } from "../src/contract/reply-texts.ts";
import { requalificationSchema } from "../src/contract/responses-reply-texts.ts";
import type { RuleSet } from "../src/core/bounce/rule.ts";
import type { FailureReason, FailureType } from "../src/core/bounce/verdict.ts";
import { DAY } from "../src/core/time.ts";
import { loadRuleSet } from "../src/features/bounces/index.ts";
import { recordAddressErrors } from "../src/features/quarantine/index.ts";
import { noteReplies } from "../src/features/reply-texts/index.ts";
import { workRequalifications } from "../src/features/requalify/index.ts";
import { createTestWebApp, type TestWebApp } from "./web-app.ts";

const BOUNCE_RULES = fileURLToPath(new URL("../rules/bounces", import.meta.url));
export const NOW = Date.now();
export const ENDED = NOW - DAY;
export const MOON = "550 5.9.9 the moon is in the wrong house, ticket 4Xy92kQ1";

type Failure = { type: FailureType; reason: FailureReason; reply: string; rule?: string };
export const HARD_MOON: Failure = { type: "hard", reason: "user-unknown", reply: MOON, rule: "moon" };
export const OPEN_MOON: Failure = {
  type: "not-defined",
  reason: "not-defined",
  reply: MOON,
  rule: "default-unknown",
};

/** Everything is judged again; what bears the first text. */
export const ALL = "/reply-texts/actions/requalify";
export const TEXT = "/reply-texts/1/actions/requalify";

export class RequalifyRig {
  readonly web: TestWebApp;
  readonly #shipped: RuleSet;

  private constructor(web: TestWebApp, shipped: RuleSet) {
    this.web = web;
    this.#shipped = shipped;
  }

  static async open(): Promise<RequalifyRig> {
    const web = await createTestWebApp();
    for (const table of ["messages", "message_attempts"]) {
      await web.db.query(`create table ${table}_of_tests partition of ${table} for values from (0) to (1000000)`);
    }
    return new RequalifyRig(web, await loadRuleSet(BOUNCE_RULES));
  }

  /** Nothing of the test before is left. */
  async clear(): Promise<void> {
    this.web.clock.ahead = 0;
    await this.web.db.query(
      `truncate requalifications, bounce_rules, reply_texts, deliveries, delivery_parts, messages, message_attempts, quarantine,
                quarantine_history, address_allowlist, provider_answers, recipients restart identity cascade`,
    );
  }

  /** As the worker does. */
  work(signal?: AbortSignal): Promise<void> {
    const { db, clock } = this.web;
    const now = () => Date.now() + clock.ahead;
    return workRequalifications({ db, now, shipped: this.#shipped, reactions: ["moon-reaction"] }, signal);
  }

  /** A delivery to `p0@one.example` and on, in parts of so many. */
  async started(count: number, partSize = 1): Promise<number> {
    await this.web.db.query(
      `insert into recipients (address, match_key, domain, created_at, updated_at)
       select a, a, 'one.example', now(), now() from (select 'p' || n || '@one.example' as a from generate_series(0, $1::int - 1) n) p
       on conflict do nothing`,
      [count],
    );
    const [row] = await this.web.db.query<{ id: number }>(
      `insert into deliveries (label, state, content, sender, audience, created_at, updated_at, started_at)
       values ('Test', 'in-progress', '{}', '{}', '{}', now(), now(), now()) returning id`,
    );
    const id = row?.id ?? 0;
    await this.web.db.query(
      `insert into delivery_parts (id, delivery_id, to_deliver, pending)
       select $1::int * 100 + n, $1, $3, $3 from generate_series(0, $2::int / $3::int - 1) n`,
      [id, count, partSize],
    );
    await this.web.db.query(
      `insert into messages (part_id, seq, recipient_id, address, vars)
       select $1::int * 100 + n / $3::int, n % $3, r.id, r.address, '{}'
         from generate_series(0, $2::int - 1) n join recipients r on r.match_key = 'p' || n || '@one.example'`,
      [id, count, partSize],
    );
    return id;
  }

  /** A delivery whose people all failed; its parts, one a person. */
  async failed(count: number, failure: Failure, ended = ENDED): Promise<{ delivery: number; parts: number[] }> {
    const delivery = await this.started(count);
    await this.end(delivery, failure, ended);
    return { delivery, parts: await this.partsOf(delivery) };
  }

  async partsOf(delivery: number): Promise<number[]> {
    const rows = await this.web.db.query<{ id: number }>(
      "select id from delivery_parts where delivery_id = $1 order by id",
      [delivery],
    );
    return rows.map(({ id }) => id);
  }

  async end(delivery: number, { type, reason, reply, rule = "any" }: Failure, ended = ENDED): Promise<void> {
    const at = new Date(ended);
    await this.web.db.query("update deliveries set started_at = $2 where id = $1", [delivery, at]);
    const messages = await this.web.db.query<{ part_id: number; address: string }>(
      `update messages m set status = 'failed', type = $2, reason = $3, attempts = 1, final_at = $4
         from delivery_parts p where p.id = m.part_id and p.delivery_id = $1 returning m.part_id, m.address`,
      [delivery, type, reason, at],
    );
    await this.web.db.query(
      `insert into message_attempts (part_id, seq, attempt, at, kind, stage, code, enhanced, reply, mx, type, reason, rule)
       select m.part_id, m.seq, 1, $2, 'refused', 'rcpt', 550, substring($3 from 5 for 5), $3, 'mx.one.example', $4, $5, $6
         from messages m join delivery_parts p on p.id = m.part_id where p.delivery_id = $1`,
      [delivery, at, reply, type, reason, rule],
    );
    await this.web.db.query(
      "update delivery_parts set failed = pending, pending = 0, due_at = null where delivery_id = $1",
      [delivery],
    );
    const told = { at: ended, verdict: { type, reason, scope: "address" } as const, reply, provider: null };
    const errors = messages.map(({ part_id: partId, address }) => {
      return { ...told, address, matchKey: address, deliveryId: delivery, partId, seq: 0 };
    });
    await this.web.db.transaction((tx) => recordAddressErrors(tx, errors, ended));
  }

  note({ type, reason, reply: text, rule = "any" }: Failure): Promise<void> {
    return this.web.db.transaction((tx) => {
      const from = { stage: "rcpt", code: 550, enhanced: "5.9.9", mx: null, provider: null } as const;
      return noteReplies(tx, [{ ...from, text, type, reason, rule, at: ENDED }]);
    });
  }

  /** What a person said of the first text. */
  saidOf(type: FailureType, reason: FailureReason) {
    return this.web.call("PATCH", "/api/v1/reply-texts/1", { type, reason });
  }

  async ask(path: string, body: object = {}): Promise<Requalification> {
    const answer = await this.web.call("POST", `/api/v1${path}`, body);
    if (answer.status !== 202) throw new Error(answer.text);
    return requalificationSchema.parse(answer.body);
  }

  shown(id: string): Promise<Requalification> {
    return this.web.get(`/api/v1/requalifications/${id}`, requalificationSchema);
  }

  async done(path: string, body: object = {}): Promise<Requalification> {
    const { id } = await this.ask(path, body);
    await this.work();
    return this.shown(id);
  }

  undo({ id }: Requalification): Promise<Requalification> {
    return this.done(`/requalifications/${id}/actions/undo`);
  }

  verdicts() {
    return this.web.db.query<{ type: string; reason: string; rule: string; message: string }>(
      `select a.type, a.reason, a.rule, m.type || ' ' || m.reason as message
         from message_attempts a join messages m on m.part_id = a.part_id and m.seq = a.seq order by a.part_id, a.attempt`,
    );
  }

  async quarantined(): Promise<string[]> {
    const rows = await this.web.db.query<{ match_key: string }>(
      "select match_key from quarantine where status = 'quarantined' order by match_key",
    );
    return rows.map(({ match_key: key }) => key);
  }

  /** Everything that a requalification may change, to the last column. */
  everything() {
    return Promise.all(
      ["message_attempts", "messages", "delivery_parts", "quarantine", "reply_texts"].map((table) =>
        this.web.db.query(`select to_jsonb(t)::text as row from ${table} t order by 1`),
      ),
    );
  }
}
