/** What is owed, brought out on a real database by a desk that does what the test says. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../test/database.ts";
import { NOW, seedArchive, seedInProgress } from "../../test/seed-delivery.ts";
import { DAY, HOUR, SECOND } from "../core/time.ts";
import type { KnownArchive } from "../features/archive/index.ts";
import { timestamp, type Db } from "../platform/db.ts";
import { createLog } from "../platform/log.ts";
import type { CopyDesk } from "./copy-desk.ts";
import { commitRecords } from "./commit-records.ts";
import type { CopyRecord } from "./copy-record.ts";
import type { CopyTask } from "./copy-task.ts";
import { createDebts } from "./debts.ts";
import type { Sendable } from "./sendable-delivery.ts";

let database: TestDatabase;
let hangs: number;
let works: number;

beforeAll(async () => {
  database = await createTestDatabase();
  hangs = await seedArchive(database.db, { name: "Hangs" });
  works = await seedArchive(database.db, { name: "Works" });
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.db.query("delete from archive_copies");
  await database.db.query("delete from archive_parts");
});

/** Each message owes a copy to the archive that hangs, and a bit later one to the archive that works. */
async function seedDebts(count: number, partSize: number): Promise<number> {
  const id = await seedInProgress(database.db, count, partSize, { archive: { on: true } });
  for (const [archive, at] of [
    [hangs, NOW],
    [works, NOW + SECOND],
  ] as const) {
    await database.db.query(
      `insert into archive_copies (part_id, seq, archive, state, attempts, due_since, next_attempt_at)
       select m.part_id, m.seq, $2, 'owed', 1, $3, $3
         from messages m join delivery_parts p on p.id = m.part_id where p.delivery_id = $1`,
      [id, archive, timestamp(at)],
    );
  }
  await database.db.query(
    `update archive_parts p set due = c.n, owed = c.n, due_at = $2
       from (select part_id, count(*)::int as n from archive_copies group by part_id) c
      where c.part_id = p.part_id and p.delivery_id = $1`,
    [id, timestamp(NOW)],
  );
  return id;
}

/** What one sender does of it; copies for the archive that hangs stay on their way until they are let go. */
function simulate({ enabled = true, trouble = false } = {}) {
  const clock = NOW + 10 * SECOND;
  const { db, idle } = watchWork(database.db);
  const onWay: CopyTask[] = [];
  const seen = { works: 0, hangs: 0 };
  const later = (task: CopyTask) => task.onEnd({ kind: "later", until: clock + HOUR, reason: "" }, null);
  const desk = {
    start: (task: CopyTask) => {
      seen[task.key.archive === works ? "works" : "hangs"]++;
      if (task.key.archive === works) task.onEnd({ kind: "archived" }, archivedRecord(task, clock));
      else onWay.push(task);
    },
    trouble: (id: number) =>
      id === hangs && (trouble || !enabled) ? { until: clock + 30 * SECOND, reason: "away" } : null,
    recall: () => {
      for (const task of onWay.splice(0)) later(task);
    },
  } as unknown as CopyDesk;
  const archives = new Map([
    [hangs, { id: hangs, enabled } as KnownArchive],
    [works, { id: works, enabled: true } as KnownArchive],
  ]);
  const delivery = { id: 1, archive: { timing: "after", strict: false, copy: "exact", archives: [hangs, works] } };
  const debts = createDebts({
    sender: "s-1",
    db,
    log: createLog("silent", "test"),
    desk,
    crypto: undefined as never,
    archives: () => archives,
    giveUpAfter: () => 7 * DAY,
    sendable: () => Promise.resolve({ kind: "sendable", delivery } as unknown as Sendable),
    onRecord: (record) => void commit(record),
    now: () => clock,
  });
  const commit = async (record: CopyRecord) => {
    await db.transaction((tx) => commitRecords(tx, "s-1", [record]));
    debts.markCommitted([record]);
  };
  /** What a sender does until nothing moves any more: also not the parts that are given back on their own. */
  const turn = async () => {
    let moved = -1;
    while (moved !== seen.works + seen.hangs) {
      moved = seen.works + seen.hangs;
      await debts.fill();
      await idle();
    }
  };
  return { debts, seen, onWay, turn };
}

/** The same database; `idle` resolves when nothing asks it any more, nor begins to once it has its answer. */
function watchWork(real: Db): { readonly db: Db; readonly idle: () => Promise<void> } {
  const open = new Set<Promise<unknown>>();
  const watched = <T>(work: Promise<T>): Promise<T> => {
    open.add(work);
    void work.catch(() => null).finally(() => open.delete(work));
    return work;
  };
  const db: Db = {
    ...real,
    query: (text, values) => watched(real.query(text, values)),
    transaction: (work) => watched(real.transaction(work)),
  };
  const idle = async () => {
    do {
      await Promise.allSettled(open);
      await new Promise((resolve) => setImmediate(resolve));
    } while (open.size > 0);
  };
  return { db, idle };
}

function archivedRecord({ key, lease, attempts, dueSince }: CopyTask, at: number): CopyRecord {
  const ended = { attempt: attempts + 1, state: "archived", inDoubt: false, nextAt: null, at } as const;
  return { ...key, ...lease, ...ended, dueSince, reply: "taken", digest: null, location: null };
}

test("an archive that hangs takes up its own share and nobody else's", async () => {
  await seedDebts(900, 300);
  const { debts, seen, onWay, turn } = simulate();
  await turn();
  expect(seen.hangs).toBeGreaterThanOrEqual(500);
  expect(seen.hangs).toBeLessThanOrEqual(1000);
  expect(seen.works).toBeGreaterThan(0);
  debts.drain();
  await debts.empty();
  expect(onWay).toEqual([]);
  const [left] = await database.db.query("select count(*) as n from archive_parts where owner is not null");
  expect(left).toEqual({ n: 0 });
});

test.each([{ enabled: false }, { trouble: true }])(
  "an archive with %o is passed over, in the same parts",
  async (how) => {
    const id = await seedDebts(300, 300);
    const { debts, seen, turn } = simulate(how);
    await turn();
    expect(seen).toEqual({ works: 300, hangs: 0 });
    debts.drain();
    await debts.empty();
    const [part] = await database.db.query("select owner, owed, due_at from archive_parts where delivery_id = $1", [
      id,
    ]);
    expect(part).toMatchObject({ owner: null, owed: 300, due_at: NOW + 40 * SECOND });
  },
);
