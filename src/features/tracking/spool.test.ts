import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { createLog } from "../../platform/log.ts";
import type { TrackingEvent } from "./event.ts";
import { openSpool, type Spool } from "./spool.ts";

const log = createLog("silent", "test");
/** No process has this id: ids end at 2^22 on Linux. */
const DEAD = "99999999.abc.0123abcd";

function event(n: number): TrackingEvent {
  return {
    id: `e-${n}`,
    at: n,
    kind: "click",
    deliveryId: 1,
    partId: 1,
    seq: n,
    link: 1,
    honeypot: false,
    posted: false,
    archive: null,
    person: "p",
    ip: "192.0.2.1",
    userAgent: 'a "b" \n\u00e9}',
  };
}

async function addAll(spool: Spool, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += 500) {
    await Promise.all(Array.from({ length: Math.min(500, to - at) }, (_, i) => spool.add(event(at + i))));
  }
}

/** Numbers of all events, each batch declared done. */
function drain(spool: Spool): number[] {
  const numbers: number[] = [];
  for (;;) {
    const events = spool.next(1000, Infinity);
    if (events.length === 0) return numbers;
    numbers.push(...events.map(({ at }) => at));
    spool.done(events.length);
  }
}

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

describe("the spool", () => {
  let dir: string;
  beforeEach(() => {
    dir = join(mkdtempSync(join(tmpdir(), "envoi-spool-")), "tracking");
  });
  afterEach(() => rmSync(join(dir, ".."), { recursive: true, force: true }));
  const folders = () => readdirSync(dir);
  const files = () => folders().flatMap((folder) => readdirSync(join(dir, folder)));

  test("has an event in its file when `add` resolves", async () => {
    const spool = openSpool(dir, log);
    await spool.add(event(1));
    const [folder = ""] = folders();
    expect(JSON.parse(readFileSync(join(dir, folder, "00000001.log"), "utf8"))).toEqual(event(1));
    spool.close();
  });

  test("gives events in order, the same until they are done, those of the last moment not yet", async () => {
    const spool = openSpool(dir, log);
    await spool.add(event(0));
    const before = performance.now();
    await spool.add(event(1));
    expect(spool.next(10, before)).toEqual([event(0)]);
    expect(spool.next(10, before)).toEqual([event(0)]);
    expect(spool.next(1, Infinity)).toEqual([event(0)]);
    spool.done(1);
    expect(spool.next(10, before)).toEqual([]);
    expect(drain(spool)).toEqual([1]);
    spool.close();
    expect(folders()).toEqual([]);
  });

  test("holds any number of events while nobody takes them, in files that go when they are done", async () => {
    const spool = openSpool(dir, log);
    await addAll(spool, 0, 35_000);
    expect(files()).toHaveLength(4);
    expect(spool.figures()).toEqual({ waiting: 35_000, lost: 0 });
    expect(drain(spool)).toEqual(upTo(35_000));
    expect(spool.figures().waiting).toBe(0);
    expect(files().length).toBeLessThanOrEqual(1);
    spool.close();
    expect(folders()).toEqual([]);
  });

  test("goes on being filled while it is worked off", async () => {
    const spool = openSpool(dir, log);
    const seen: number[] = [];
    for (let round = 0; round < 30; round++) {
      await addAll(spool, round * 1000, (round + 1) * 1000);
      if (round % 3 === 2) continue;
      const events = spool.next(700, Infinity);
      await addAll(spool, 100_000 + round * 10, 100_000 + round * 10 + 5);
      seen.push(...events.map(({ at }) => at));
      spool.done(events.length);
    }
    seen.push(...drain(spool));
    expect(seen).toHaveLength(30_000 + 20 * 5);
    expect(new Set(seen).size).toBe(seen.length);
    spool.close();
  });

  test("what is left is taken over by the next one, once", async () => {
    const first = openSpool(dir, log);
    await addAll(first, 0, 12_000);
    first.close();
    const second = openSpool(dir, log);
    const third = openSpool(dir, log);
    expect(drain(second)).toEqual(upTo(12_000));
    expect(drain(third)).toEqual([]);
    second.close();
    third.close();
    expect(folders()).toEqual([]);
  });

  test("files of a process that lives are its own", async () => {
    const first = openSpool(dir, log);
    await first.add(event(1));
    const second = openSpool(dir, log);
    expect(drain(second)).toEqual([]);
    expect(drain(first)).toEqual([1]);
    first.close();
    second.close();
  });

  test("a file of a dead process is read, a line that was cut short left out, files of others left alone", () => {
    mkdirSync(join(dir, DEAD), { recursive: true });
    mkdirSync(join(dir, "notes"));
    const line = `${JSON.stringify(event(1))}\n`;
    writeFileSync(
      join(dir, DEAD, "00000001.log"),
      `${line}${line.slice(0, 40)}\n${JSON.stringify(event(2))}\n{"id":"e-3","a`,
    );
    writeFileSync(join(dir, "notes", "00000001.log"), line);
    const spool = openSpool(dir, log);
    expect(drain(spool)).toEqual([1, 2]);
    spool.close();
    expect(folders()).toEqual(["notes"]);
  });

  test("the id of a dead process given to another one does not make it alive", () => {
    const folder = `${process.pid}.longago.0123abcd`;
    mkdirSync(join(dir, folder), { recursive: true });
    appendFileSync(join(dir, folder, "00000001.log"), `${JSON.stringify(event(1))}\n`);
    const spool = openSpool(dir, log);
    expect(drain(spool)).toEqual([1]);
    spool.close();
  });

  test.runIf(process.platform === "linux")(
    "on a full disk events wait in memory, and beyond a bound they are counted as lost",
    async () => {
      const spool = openSpool(dir, log);
      await addAll(spool, 0, 10_000);
      // The next file is one that never has room.
      const [folder = ""] = folders();
      symlinkSync("/dev/full", join(dir, folder, "00000002.log"));
      await addAll(spool, 10_000, 20_000);
      expect(spool.figures()).toEqual({ waiting: 20_000, lost: 0 });
      await addAll(spool, 20_000, 20_500);
      expect(spool.figures().lost).toBe(500);
      expect(drain(spool).toSorted((a, b) => a - b)).toEqual(upTo(20_000));
      await spool.add(event(30_000));
      expect(drain(spool)).toEqual([30_000]);
      spool.close();
    },
  );
});
