import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { DAY, HOUR, MINUTE } from "../../core/time.ts";
import type { Records } from "../dns/ask.ts";
import { createMtaSts, type MtaSts, type MtaStsOptions, stsFile } from "./create-mta-sts.ts";
import type { Fetched } from "./fetch-policy.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const WEEK = 7 * DAY;

let now: number;
let txt: Record<string, Records<string>>;
let pages: Record<string, Fetched>;
let fetched: string[];
let dir: string;

const id = (value: string): Records<string> => ({ kind: "records", records: [`v=STSv1; id=${value};`] });
const page = (mode: string, mx = "mx.example.com", maxAge = WEEK): Fetched => ({
  kind: "text",
  text: `version: STSv1\nmode: ${mode}\nmx: ${mx}\nmax_age: ${maxAge / 1000}\n`,
});
const broken: Fetched = { kind: "failed", detail: "answers 503" };
const enforce = { mode: "enforce", mx: ["mx.example.com"], expires: START + WEEK, id: "1" };

function open(options: Partial<MtaStsOptions> = {}): MtaSts {
  return createMtaSts({
    resolver: {
      txt: (name) => Promise.resolve(txt[name] ?? { kind: "no-such-name" }),
      resolveAddresses: () => Promise.resolve({ kind: "unavailable", detail: "no DNS in tests" }),
    },
    fetch: (domain) => {
      fetched.push(domain);
      return Promise.resolve(pages[domain] ?? broken);
    },
    now: () => now,
    ...options,
  });
}

beforeEach(async () => {
  now = START;
  txt = { "_mta-sts.example.com": id("1") };
  pages = { "example.com": page("enforce") };
  fetched = [];
  dir = await mkdtemp(join(tmpdir(), "envoi-sts-"));
});
afterEach(() => rm(dir, { recursive: true }));

test("a domain without the TXT record asks for nothing, and nothing is fetched", async () => {
  expect(await open().policyFor("example.net")).toBeNull();
  expect(fetched).toEqual([]);
});

test("a policy is fetched once, also for many who ask at once", async () => {
  const sts = open();
  const policies = await Promise.all(Array.from({ length: 20 }, () => sts.policyFor("example.com")));
  expect(policies).toEqual(policies.map(() => enforce));
  expect(fetched).toEqual(["example.com"]);
});

test("testing and none", async () => {
  const sts = open();
  pages["example.com"] = page("testing");
  expect(await sts.policyFor("example.com")).toMatchObject({ mode: "testing" });
  txt["_mta-sts.example.com"] = id("2");
  pages["example.com"] = page("none");
  expect(await sts.policyFor("example.com")).toBeNull();
  expect(await sts.policyFor("example.com")).toBeNull();
  expect(fetched).toHaveLength(2);
});

test("a policy is its domain's alone, even where all have the same MX host", async () => {
  const sts = open();
  txt["_mta-sts.example.net"] = id("1");
  pages["example.net"] = page("testing");
  expect(await sts.policyFor("example.com")).toMatchObject({ mode: "enforce" });
  expect(await sts.policyFor("example.net")).toMatchObject({ mode: "testing" });
  expect(await sts.policyFor("example.org")).toBeNull();
});

describe("a policy at hand binds until it expires", () => {
  let sts: MtaSts;
  beforeEach(async () => {
    sts = open();
    await sts.policyFor("example.com");
  });

  test.each<[string, () => void]>([
    ["its TXT record is gone", () => delete txt["_mta-sts.example.com"]],
    ["nobody answers about it", () => (txt["_mta-sts.example.com"] = { kind: "failed", detail: "SERVFAIL" })],
    [
      "there are two",
      () => (txt["_mta-sts.example.com"] = { kind: "records", records: ["v=STSv1; id=1", "v=STSv1; id=2"] }),
    ],
    [
      "the new one cannot be fetched",
      () => {
        txt["_mta-sts.example.com"] = id("2");
        pages["example.com"] = broken;
      },
    ],
    [
      "the new one cannot be read",
      () => {
        txt["_mta-sts.example.com"] = id("2");
        pages["example.com"] = { kind: "text", text: "<html>" };
      },
    ],
  ])("although %s", async (_, change) => {
    change();
    pages["example.com"] = broken;
    now = START + WEEK - 1;
    expect(await sts.policyFor("example.com")).toEqual(enforce);
    now = START + WEEK;
    expect(await sts.policyFor("example.com")).toBeNull();
  });

  test("a new id replaces it at once", async () => {
    txt["_mta-sts.example.com"] = id("2");
    pages["example.com"] = page("enforce", "other.example.com");
    expect(await sts.policyFor("example.com")).toMatchObject({ id: "2", mx: ["other.example.com"] });
  });

  test("the same id is fetched again after a day, beside the mail, so that it goes on", async () => {
    now = START + DAY - 1;
    await sts.policyFor("example.com");
    expect(fetched).toHaveLength(1);
    now = START + DAY;
    expect(await sts.policyFor("example.com")).toEqual(enforce);
    await expect.poll(() => sts.policyFor("example.com")).toEqual({ ...enforce, expires: START + DAY + WEEK });
    expect(fetched).toHaveLength(2);
  });
});

test("a version that could not be fetched is tried again after five minutes; another one at once", async () => {
  const sts = open();
  pages["example.com"] = broken;
  expect(await sts.policyFor("example.com")).toBeNull();
  pages["example.com"] = page("enforce");
  now = START + 5 * MINUTE - 1;
  expect(await sts.policyFor("example.com")).toBeNull();
  expect(fetched).toHaveLength(1);
  txt["_mta-sts.example.com"] = id("2");
  expect(await sts.policyFor("example.com")).toMatchObject({ id: "2" });
});

test("a policy that holds for no time is not fetched for each message", async () => {
  const sts = open();
  pages["example.com"] = page("enforce", "mx.example.com", 0);
  await sts.policyFor("example.com");
  now = START + 2 * MINUTE;
  expect(await sts.policyFor("example.com")).toMatchObject({ mode: "enforce" });
  expect(fetched).toHaveLength(1);
});

describe("the file", () => {
  const warnings: string[] = [];
  const store = () => stsFile(join(dir, "mta-sts.json"), (text) => warnings.push(text));
  beforeEach(() => void warnings.splice(0));

  test("keeps policies over a restart, also while they cannot be fetched", async () => {
    const first = open({ store: store() });
    await first.policyFor("example.com");
    await first.close();
    pages = {};
    txt = {};
    expect(await open({ store: store() }).policyFor("example.com")).toEqual(enforce);
    expect(await readdir(dir)).toEqual(["mta-sts.json"]);
    expect(warnings).toEqual([]);
  });

  test("is shared: what others wrote stays, the newer of two counts, what expired goes", async () => {
    txt["_mta-sts.example.net"] = id("1");
    pages["example.net"] = page("testing", "mx.example.com", HOUR);
    const [first, second] = [open({ store: store() }), open({ store: store() })];
    await first.policyFor("example.net");
    await first.policyFor("example.com");
    now += MINUTE;
    txt["_mta-sts.example.com"] = id("2");
    await second.policyFor("example.com");
    await second.close();
    await first.close();
    const third = open({ store: store() });
    pages = {};
    expect(await third.policyFor("example.com")).toMatchObject({ id: "2" });
    expect(await third.policyFor("example.net")).toMatchObject({ mode: "testing" });
    now += HOUR;
    await second.policyFor("example.com");
    txt["_mta-sts.example.com"] = id("3");
    pages["example.com"] = page("enforce");
    await second.policyFor("example.com");
    await second.close();
    expect(await readFile(join(dir, "mta-sts.json"), "utf8")).not.toContain("example.net");
  });

  test.each(["", "{", "null", '{"a":1}', '[1,null,{"domain":"example.com","mode":"enforce"}]'])(
    "%j is read as far as it goes",
    async (text) => {
      await writeFile(join(dir, "mta-sts.json"), text);
      const sts = open({ store: store() });
      expect(await sts.policyFor("example.com")).toEqual(enforce);
      await sts.close();
      expect(await store().load()).toHaveLength(1);
    },
  );

  test("that cannot be written is told, and stops nothing", async () => {
    const sts = open({ store: stsFile(join(dir, "missing", "x.json"), (text) => warnings.push(text)) });
    expect(await sts.policyFor("example.com")).toEqual(enforce);
    await sts.close();
    expect(warnings).toEqual([expect.stringContaining("cannot be written")]);
  });
});
