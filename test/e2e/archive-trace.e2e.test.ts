/**
 * Recipients and their servers must not be able to tell that there is a copy. The same delivery is sent without copies and with them, in each
 * timing; whatever a recipient's server can see is compared: sessions, commands, envelopes, sizes, and every byte that is not drawn
 * from a clock or a key.
 */
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, expect, test } from "vitest";

import type { DkimKey } from "../../src/contract/index.ts";
import { ArchiveRig, COPIES } from "./archive-rig.ts";

const COUNT = 40;
const PER_SESSION = 10;

/** All that a recipients' server can know. */
type Sight = {
  readonly sessions: readonly number[];
  readonly lines: readonly string[];
  readonly messages: ReadonlyMap<string, string>;
};

let rig: ArchiveRig | null = null;
let without: Sight;

async function sendAndSee(archive: Readonly<Record<string, unknown>> | null): Promise<Sight> {
  rig = await ArchiveRig.open({ ENVOI_HELO: "mta.sender.example" }, { keepsDialogue: true });
  // One connection: how many messages share a session does not depend on the moment.
  mkdirSync(join(rig.dir.path, "shaping"));
  writeFileSync(
    join(rig.dir.path, "shaping/10-one.toml"),
    `[[rule]]\nname = "one"\nmx = ["127.0.0.1"]\nconnections = 1\nmessages_per_connection = ${PER_SESSION}\nsource = "test"\nexamples = ["127.0.0.1"]\n`,
  );
  await rig.start();
  const keys: DkimKey[] = [];
  for (const algorithm of ["rsa-sha256", "ed25519-sha256"]) {
    keys.push(await rig.call<DkimKey>("POST", "/domains/sender.example/keys", { algorithm }));
  }
  if (archive) await rig.addArchive();
  const id = await rig.prepare({ count: COUNT, settings: archive ? { archive: { on: true, ...archive } } : {} });
  await rig.confirm(id);
  await rig.untilState(id, "finished");
  if (archive) {
    await rig.untilPaid(id);
    await expectSigned(rig, keys);
  }
  const { sink } = rig;
  return {
    sessions: sink.connections.map(({ messages }) => messages),
    lines: sink.connections.flatMap(({ lines }) => lines ?? []).toSorted(),
    messages: new Map(sink.taken.map(({ address, source, mailFrom }) => [address, `${mailFrom}\n${source}`])),
  };
}

/** Original and copy are the same bytes, and their signatures verify. */
async function expectSigned({ sink, archive }: ArchiveRig, keys: readonly DkimKey[]): Promise<void> {
  expect(archive.taken.map(({ source }) => source).toSorted()).toEqual(
    sink.taken.map(({ source }) => source).toSorted(),
  );
  const records = new Map(keys.map((key) => [key.record.name, key.record.value]));
  const resolver = (name: string) => Promise.resolve(records.has(name) ? [[records.get(name) ?? ""]] : []);
  for (const { source } of archive.taken.slice(0, 5)) {
    const { results } = await dkimVerify(Buffer.from(source, "latin1"), { resolver });
    expect(results.map((result) => result.status.result)).toEqual(["pass", "pass"]);
  }
}

beforeAll(async () => {
  without = await sendAndSee(null);
  await rig?.close();
});
afterEach(async () => {
  await rig?.close();
  rig = null;
});

/** The same length and place, whatever clock and keys have put there. */
function masked(text: string): string {
  return text
    .replace(/^(Date: ).*\r$/m, "$1…")
    .replace(/^(Message-ID: <\d+-\d+\.)([^@]+)/m, (_, start, rest) => `${start}${rest.length} letters`)
    .replace(/(=_[a-z]\.\d+-\d+\.)([a-z0-9]+)/g, (_, start, rest) => `${start}${rest.length} letters`)
    .replace(/^DKIM-Signature:[^]*?\r\n(?=\S)/gm, (header) => `DKIM-Signature: ${header.length} bytes\r\n`)
    .replace(/\/([a-z])\/[A-Za-z0-9_=\r\n-]+/g, (token, kind) => `/${kind}/${token.length} letters`)
    .replace(/^Feedback-ID: .*\r$/m, (header) => `Feedback-ID: ${header.length} letters`);
}

test.each([{ timing: "before", strict: false }, { timing: "before", strict: true }, { timing: "after" }])(
  "nothing that a recipient's server sees tells of copies: %o",
  async (archive) => {
    const withCopies = await sendAndSee(archive);
    expect(withCopies.sessions).toEqual(without.sessions);
    expect(withCopies.lines).toEqual(without.lines);
    expect([...withCopies.messages.keys()].toSorted()).toEqual([...without.messages.keys()].toSorted());
    for (const [address, text] of withCopies.messages) {
      const other = without.messages.get(address) ?? "";
      expect(masked(text)).toBe(masked(other));
      expect(text).toHaveLength(other.length);
    }
    // Signatures and tokens are masked: any three letters may be somewhere in them.
    const seen = [...withCopies.lines, ...Array.from(withCopies.messages.values(), masked)].join("\n").toLowerCase();
    for (const trace of [COPIES, "archive", "bcc"]) expect(seen).not.toContain(trace);
  },
);
