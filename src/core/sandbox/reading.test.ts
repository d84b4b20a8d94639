import fc from "fast-check";
import { isbot } from "isbot";
import { describe, expect, test } from "vitest";

import { BROWSERS, GATEWAY, MAIL_PROGRAMS, MAIL_PROXY, PRIVACY_PROXY } from "./agents.ts";
import { personAt } from "./people.ts";
import { planFor } from "./plan-for.ts";
import { readingOf, type Step } from "./reading.ts";

const brief = (steps: readonly Step[]) => steps.map(({ wait, act }) => `${act.kind} ${wait}`).join(", ");

describe("addresses that name their reading", () => {
  test.each([
    ["open@sandbox.test", "open 3000"],
    ["OPEN-10s+anything@Sub.Sandbox.TEST", "open 10000"],
    ["click@x.test", "open 3000, click 6000"],
    ["mirror-1m@x.test", "open 60000, mirror 63000"],
    ["unsubscribe+7@x.test", "open 3000, unsubscribe 6000"],
    ["mail-proxy@x.test", "open 3000"],
    ["privacy-proxy-5s@x.test", "open 5000"],
    ["scanner@x.test", "scan 0"],
    ["scanner-2s@x.test", "scan 2000"],
    ["anna@sandbox.test", ""],
    ["opening@sandbox.test", ""],
    ["open-0s@sandbox.test", ""],
    ["slow-5s@lakeside.test", ""],
    ["complain-later@lakeside.test", ""],
    ["@sandbox.test", ""],
  ])("%s: %s", (address, expected) => expect(brief(readingOf(address, () => ""))).toBe(expected));

  test("machines call themselves what they are, or what they pretend to be", () => {
    const agentOf = (address: string) => readingOf(address, () => "")[0]?.userAgent;
    expect(agentOf("mail-proxy@x.test")).toBe(MAIL_PROXY);
    expect(agentOf("privacy-proxy@x.test")).toBe(PRIVACY_PROXY);
    expect(agentOf("scanner@x.test")).toBe(GATEWAY);
    expect(BROWSERS).toContain(agentOf("open@x.test"));
  });
});

test("no person's program is taken for a robot", () => {
  for (const agent of [...BROWSERS, ...MAIL_PROGRAMS]) expect([agent, isbot(agent)]).toEqual([agent, false]);
});

describe("generated people", () => {
  const accepted = Array.from({ length: 40_000 }, (_, i) => personAt(7, i).email).filter(
    (email) => planFor("internet", email).kind !== "refuse",
  );
  const readings = accepted.map((email) => ({ email, steps: readingOf(email, () => "<1@brand.example>") }));
  const share = (does: (steps: readonly Step[]) => boolean) =>
    readings.filter(({ steps }) => does(steps)).length / readings.length;
  const has = (kind: Step["act"]["kind"]) => (steps: readonly Step[]) => steps.some(({ act }) => act.kind === kind);

  test.each([
    ["opened by somebody", (steps: readonly Step[]) => steps.some((s) => isOpen(s) && !isEarly(s)), 0.23, 0.27],
    ["opened ahead", (steps: readonly Step[]) => steps.some((s) => isOpen(s) && isEarly(s)), 0.01, 0.03],
    ["clicked", has("click"), 0.04, 0.06],
    ["viewed as a page", has("mirror"), 0.003, 0.007],
    ["unsubscribed from", has("unsubscribe"), 0.001, 0.004],
    ["scanned", has("scan"), 0.005, 0.03],
  ] as const)("%s", (_, does, least, most) => {
    expect(share(does)).toBeGreaterThan(least);
    expect(share(does)).toBeLessThan(most);
  });

  test("people come later than machines, and open before anything else", () => {
    for (const { steps } of readings) {
      const people = steps.filter((step) => !isEarly(step) && step.act.kind !== "scan");
      if (people.length > 0) expect(people[0]?.act.kind).toBe("open");
      for (const { wait, act } of people)
        expect([act.kind, wait >= (act.kind === "open" ? 4000 : 6000)]).toContain(true);
      for (const { wait, act } of steps) expect(act.kind === "scan" ? wait < 1000 : wait <= 90_000).toBe(true);
    }
  });
  test("Message-IDs decide what is opened, the address who opens at all", () => {
    const opens = (email: string, id: number) => readingOf(email, () => `<${id}@b.example>`).length > 0;
    const some = accepted.filter((email) => email.endsWith("@gomail.example")).slice(0, 500);
    const counts = some.map((email) => Array.from({ length: 20 }, (_, id) => opens(email, id)).filter(Boolean).length);
    const never = counts.filter((n) => n === 0).length / some.length;
    expect([never > 0.4, never < 0.6]).toEqual([true, true]);
    expect(counts).not.toContain(20);
  });
});

const isOpen = ({ act }: Step) => act.kind === "open";
const isEarly = ({ userAgent }: Step) => userAgent === PRIVACY_PROXY;

test("the same message meets the same reading, whatever the case of the address", () => {
  const domain = fc.constantFrom(
    "gomail.example",
    "poire.example",
    "acme.example",
    "bakery.lakeside.test",
    "x.example",
  );
  fc.assert(
    fc.property(fc.emailAddress(), domain, fc.string(), (email, name, id) => {
      const address = `${email.split("@")[0]}@${name}`;
      expect(readingOf(address.toUpperCase(), () => id)).toEqual(readingOf(address, () => id));
    }),
  );
});

test("nobody reads what bounces later", () => {
  const bouncing = Array.from({ length: 30_000 }, (_, i) => personAt(3, i).email).filter((email) => {
    const plan = planFor("internet", email);
    return plan.kind === "later" && plan.report === "bounce";
  });
  expect(bouncing.length).toBeGreaterThan(20);
  expect(bouncing.flatMap((email) => readingOf(email, () => "1"))).toEqual([]);
});

test.each(["archive@gmail.com", "Archive+2026@one.example", "bcc@sandbox.test", "journal.eu@outlook.com"])(
  "%s keeps copies and is read by nobody",
  (address) => {
    for (let i = 0; i < 50; i++) expect(readingOf(address, () => `<${i}@sender.example>`)).toEqual([]);
  },
);
