/**
 * Everything that a receiving server can answer, at once and later, as the sandbox internet gives it: what the log, the figures, the
 * quarantine and the people who are to have copies make of it.
 */
import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";

import { DEFAULT_CORPORA, readCorpus, readDoubtfulLabels } from "../../bench/qualify-corpora.ts";
import type { LabelRow } from "../../bench/qualify-score.ts";
import type { BounceRuleAnswer } from "../../src/contract/reply-texts.ts";
import { expectAccountingHolds } from "./accounting.ts";
import { BounceRig } from "./bounce-rig.ts";
import type { LogLine } from "./envoi.ts";
import { until } from "./until.ts";

type OwnReply = { id: string; stage: string; text: string; type: string; reason: string };

const OWN = readFileSync(new URL("../../src/sandbox/replies.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as OwnReply);

const CORPUS = "smtp-replies";
const FILE = `${DEFAULT_CORPORA}/${CORPUS}/index.jsonl`;
/** Every so many of a collection: a lane for each would only take longer. */
const EACH = 8;

/** Replies of the collection as servers give them, labelled beyond doubt. */
function sample(): LabelRow[] {
  const doubtful = new Set(readDoubtfulLabels().map(({ corpus, id }) => `${corpus} ${id}`));
  const rows = (readCorpus(DEFAULT_CORPORA, CORPUS) ?? []).filter(({ text }) => /^[45]\d\d /.test(text));
  return rows.filter(({ id }, i) => i % EACH === 0 && !doubtful.has(`${CORPUS} ${id}`));
}

let rig: BounceRig;
beforeAll(async () => {
  rig = await BounceRig.open(existsSync(FILE) ? FILE : null);
});
afterAll(() => rig.close());

/** One provider for each, so that what one of them says of us holds up no other. */
const asking = (id: string) => `reply-${id}@${id}.test`;
const brief = (line: LogLine | undefined) => [line?.status, line?.type, line?.reason];

/** By the address: status, type, reason and standing in the end; outcome of each mail that came back. */
const LATER: Readonly<
  Record<string, { is: (string | null)[]; standing: string; mails: (readonly [kind: string, outcome: string])[] }>
> = {
  "bounce-later-1s@store.test": {
    is: ["failed", "soft", "mailbox-full"],
    standing: "with-errors",
    mails: [["bounce", "failed"]],
  },
  "bounce-delayed-1s@store.test": {
    is: ["sent", "soft", "unreachable"],
    standing: "valid",
    mails: [["delayed", "reason"]],
  },
  "bounce-qmail-1s@store.test": {
    is: ["failed", "hard", "user-unknown"],
    standing: "quarantined",
    mails: [["bounce", "failed"]],
  },
  "bounce-exim-1s@store.test": {
    is: ["failed", "soft", "mailbox-full"],
    standing: "with-errors",
    mails: [["bounce", "failed"]],
  },
  "bounce-exchange-1s@store.test": {
    is: ["failed", "hard", "user-unknown"],
    standing: "quarantined",
    mails: [["bounce", "failed"]],
  },
  "bounce-x400-1s@store.test": {
    is: ["failed", "hard", "user-unknown"],
    standing: "quarantined",
    mails: [["bounce", "failed"]],
  },
  "bounce-french-1s@store.test": {
    is: ["failed", "soft", "mailbox-full"],
    standing: "with-errors",
    mails: [["bounce", "failed"]],
  },
  "bounce-unclear-1s@store.test": {
    is: ["failed", "not-defined", "not-defined"],
    standing: "valid",
    mails: [["bounce", "failed"]],
  },
  "bounce-no-verp-1s@store.test": {
    is: ["failed", "hard", "user-unknown"],
    standing: "quarantined",
    mails: [["bounce", "failed"]],
  },
  "bounce-twice-1s@store.test": {
    is: ["failed", "hard", "account-disabled"],
    standing: "quarantined",
    mails: [
      ["bounce", "failed"],
      ["bounce", "unchanged"],
    ],
  },
  "bounce-forged-1s@store.test": { is: ["sent", null, null], standing: "valid", mails: [["bounce", "not-signed"]] },
  "bounce-foreign-1s@store.test": { is: ["sent", null, null], standing: "valid", mails: [["bounce", "not-signed"]] },
  "complain-later-1s@store.test": {
    is: ["sent", null, null],
    standing: "denylisted",
    mails: [["complaint", "complained"]],
  },
  "complain-jmrp-1s@store.test": {
    is: ["sent", null, null],
    standing: "denylisted",
    mails: [["complaint", "complained"]],
  },
  "vacation-1s@store.test": { is: ["sent", null, null], standing: "valid", mails: [["auto-reply", "noted"]] },
  "challenge-1s@store.test": { is: ["sent", null, null], standing: "valid", mails: [["auto-reply", "noted"]] },
  "unsubscribe-mail-1s@store.test": {
    is: ["sent", null, null],
    standing: "denylisted",
    mails: [["unsubscribe", "unsubscribed"]],
  },
  "ada@sandbox.test": { is: ["sent", null, null], standing: "valid", mails: [] },
};

test("what comes back later changes the message that it is about, and no other", async () => {
  const addresses = Object.keys(LATER);
  const id = await rig.send(addresses);
  const expected = Object.values(LATER).flatMap(({ mails }) => mails);
  const mails = await rig.untilMails(expected.length);
  const log = await rig.log(id);
  const found = await Promise.all(
    addresses.map(async (address) => {
      const own = mails.filter((mail) => mail.address === address).map(({ kind, outcome }) => [kind, outcome]);
      return [address, { is: brief(log.get(address)), standing: await rig.standing(address), mails: own }];
    }),
  );
  expect(Object.fromEntries(found)).toEqual(LATER);
  expect(mails).toHaveLength(expected.length);

  const failed = Object.values(LATER).filter(({ is }) => is[0] === "failed").length;
  const sent = addresses.length - failed;
  const figures = await rig.figures(id);
  expect(figures).toMatchObject({
    state: "finished",
    toDeliver: addresses.length,
    sent,
    failed,
    pending: 0,
    complaints: 2,
    newQuarantines: Object.values(LATER).filter(({ standing }) => standing === "quarantined").length,
  });
  await until(async () => (await rig.figures(id)).optOuts.recipients === 1);
  expect(figures.successRate).toBeCloseTo(sent / addresses.length, 5);
  await expectAccountingHolds(rig.database.db, id);

  // A copy of each for one mailbox; for the other what a person must look at.
  expect(await rig.untilTaken("copies@sandbox.test", expected.length)).toHaveLength(expected.length);
  expect((await rig.untilTaken("desk@sandbox.test", 3)).toSorted()).toEqual([
    "Returned mail",
    "Undelivered Mail Returned to Sender",
    "Undelivered Mail Returned to Sender",
  ]);

  // Whoever bounced, complained or wants no more gets nothing of the next delivery.
  const { checklist } = await rig.analysed(addresses);
  expect(checklist.excluded).toMatchObject({ denylisted: 3, quarantined: figures.newQuarantines });
});

test("a rule that an operator makes judges the next reply that a sender gets", async () => {
  const address = asking("riddle");
  const id = await rig.send([address]);
  const line = () => rig.log(id).then((log) => log.get(address));
  await until(async () => ((await line())?.attempts ?? 0) > 0);
  expect(brief(await line())).toEqual(["taken-into-account", "not-defined", "not-defined"]);
  const rule = await rig.call<BounceRuleAnswer>("POST", "/bounce-rules", {
    name: "kettle",
    stage: ["rcpt"],
    text: ["kettle & singing"],
    verdict: { type: "hard", reason: "user-unknown", scope: "address" },
    examples: [{ reply: "550 the kettle is singing", stage: "rcpt" }],
  });
  expect(rule.warnings).toEqual([]);
  await until(async () => {
    await rig.hurryMessages();
    return (await line())?.status === "failed";
  });
  expect(brief(await line())).toEqual(["failed", "hard", "user-unknown"]);
  expect(await rig.standing(address)).toBe("quarantined");
  expect((await rig.untilState(id, "finished")).failed).toBe(1);
});

/** Of our own replies, what they do to the address; all others do nothing. */
const STANDINGS: Readonly<Record<string, string>> = {
  "user-unknown": "quarantined",
  "user-unknown-bare": "quarantined",
  "user-unknown-dot": "quarantined",
  "user-unknown-german": "quarantined",
  "user-unknown-french": "quarantined",
  "user-unknown-spanish": "quarantined",
  "user-unknown-lines": "quarantined",
  disabled: "quarantined",
  inactive: "with-errors",
  full: "with-errors",
  "full-final": "with-errors",
  "full-dot": "with-errors",
  "host-unknown": "with-errors",
};
/** Of our own replies: the message stays, and is tried again. */
const TRIED_AGAIN = ["full", "greylisted", "rate-final-code", "unreachable", "try-later"];
/** The same, but what they say is about us: the lane waits, another source goes there, a person is told. */
const HELD_BACK = ["rate", "blocked", "no-ptr", "greeting"];

test("each reply by its id is judged, counted, tried again or not, and blamed on whom it is about", async () => {
  // The riddle has its own test.
  const own = OWN.filter(({ id }) => id !== "riddle");
  const labelled = sample();
  const passing = ["once-451-4.7.1-then-ok@passing.test", "accepted@plain.test"];
  const id = await rig.send([...own, ...labelled].map((row) => asking(row.id)).concat(passing));
  const open = new Set([...TRIED_AGAIN, ...HELD_BACK].map(asking));
  await until(async () => [...(await rig.log(id)).values()].every(({ attempts }) => attempts > 0));
  await rig.hurryMessages();
  const log = await until(async () => {
    const now = await rig.log(id);
    return [...TRIED_AGAIN.map(asking), passing[0] ?? ""].every((to) => (now.get(to)?.attempts ?? 0) > 1) && now;
  });

  expect(own.map((row) => [row.id, log.get(asking(row.id))?.type, log.get(asking(row.id))?.reason])).toEqual(
    own.map((row) => [row.id, row.type, row.reason]),
  );
  for (const row of own) {
    const line = log.get(asking(row.id));
    const status = open.has(asking(row.id)) ? "taken-into-account" : "failed";
    expect([row.id, line?.status]).toEqual([row.id, status]);
    if (status === "failed") expect([row.id, line?.attempts]).toEqual([row.id, 1]);
    const standing = await rig.standing(asking(row.id));
    expect([row.id, standing]).toEqual([row.id, STANDINGS[row.id] ?? "valid"]);
    expect(line?.reply).toContain(row.text.split("\n").at(-1)?.slice(4));
  }
  for (const row of labelled) {
    const line = log.get(asking(row.id));
    expect([row.id, row.text, row.acceptTypes]).toEqual([row.id, row.text, expect.arrayContaining([line?.type])]);
    expect([row.id, row.text, row.acceptReasons]).toEqual([row.id, row.text, expect.arrayContaining([line?.reason])]);
    const standing = await rig.standing(asking(row.id));
    expect([row.id, standing === "quarantined"]).toEqual([row.id, line?.type === "hard"]);
  }
  expect(passing.map((to) => [log.get(to)?.status, log.get(to)?.attempts])).toEqual([
    ["sent", 2],
    ["sent", 1],
  ]);

  await rig.call("POST", `/deliveries/${id}/actions/stop`);
  const figures = await rig.untilState(id, "stopped");
  const last = [...(await rig.log(id)).values()];
  const of = (status: string) => last.filter((line) => line.status === status).length;
  expect(figures).toMatchObject({ sent: of("sent"), failed: of("failed"), cancelled: of("cancelled"), pending: 0 });
  const hard = last.filter(({ type, status }) => type === "hard" && status === "failed").length;
  expect((await rig.figures(id)).newQuarantines).toBe(hard);
  await expectAccountingHolds(rig.database.db, id);
});

test("every reply is kept as a text once, for a person where no rule knows it", async () => {
  const texts = await rig.call<{ data: { firstText: string; state: string; count: number }[] }>(
    "GET",
    "/reply-texts?limit=100&search=kettle",
  );
  expect(texts.data.map(({ state }) => state)).toEqual(["keep"]);
  const unclear = await rig.call<{ data: { count: number }[] }>(
    "GET",
    "/reply-texts?limit=100&state=to-qualify&search=pigeon",
  );
  expect(unclear.data.map(({ count }) => count)).toEqual([1]);
});
