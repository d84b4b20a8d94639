/** Who of a target gets a message, on a real database: each step with its reason, their order, what chance decides. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { analyse, importCsv, seedDelivery } from "../../../test/seed-delivery.ts";
import { addRules, listOf, reasonsOf, settingsWith } from "../../../test/population.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const rows = <T = Record<string, unknown>>(sql: string, params: unknown[] = []) => database.db.query<T>(sql, params);
const numbered = (prefix: string, n: number) =>
  `email,points\n${Array.from({ length: n }, (_, i) => `${prefix}${i}@${prefix}.example,${(i * 7) % n}`).join("\n")}\n`;

/** Who gets a message. */
async function reached(id: number): Promise<string[]> {
  const found = await rows<{ address: string }>(
    "select m.address from messages m join delivery_parts p on p.id = m.part_id where p.delivery_id = $1 order by 1",
    [id],
  );
  return found.map(({ address }) => address);
}

describe("order of the steps", () => {
  test("whoever several steps would exclude has the reason of the first", async () => {
    const audience = await listOf(
      database.db,
      "email,points,vip\ndenied@o.example,1,\nsick@o.example,1,\ngone@o.example,1,\nweak@o.example,1,\nfiltered@o.example,9,yes\n" +
        "mine@o.example,9,own\npressed@o.example,9,\nrest1@o.example,9,\nrest2@o.example,9,\nrest3@o.example,9,\nrest4@o.example,9,\n",
    );
    await rows("update recipients set denylisted_at = now() where address in ('denied@o.example')");
    for (const who of ["denied", "sick"]) {
      await rows(
        "insert into quarantine (match_key, address, status, reason, updated_at) values ($1, $1, 'quarantined', 'user-unknown', now())",
        [`${who}@o.example`],
      );
    }
    for (const who of ["denied", "sick", "gone"]) await suppress(`${who}@o.example`);
    const typology = await addRules(database.db, [
      {
        kind: "filtering",
        name: "No VIPs",
        definition: { exclude: { segment: { attribute: "vip", is: "equals", value: "yes" } } },
      },
      {
        kind: "pressure",
        name: "Quiet",
        definition: {
          threshold: {
            cases: [{ segment: { attribute: "email", is: "starts-with", value: "pressed" }, threshold: 0 }],
            otherwise: 9,
          },
          days: 7,
        },
      },
      {
        kind: "capacity",
        name: "Hotline",
        definition: { lines: [{ from: "2026-11-21", to: "2026-11-21", messages: 2 }], excludeExcess: true },
      },
    ]);
    const id = await seedDelivery(database.db, {
      audience,
      settings: settingsWith({
        typology,
        exclude: [{ segment: { attribute: "vip", is: "equals", value: "own" } }],
        population: {
          quality: { attribute: "points", atLeast: 5 },
          limit: { recipients: 3, by: { attribute: "email" } },
          control: { recipients: 1 },
        },
      }),
    });
    const checklist = await analyse(database.db, id);
    expect(checklist.excluded).toEqual({
      denylisted: 1,
      quarantined: 1,
      suppressed: 1,
      "bad-quality": 1,
      "excluded-by-rule": 2,
      "excluded-by-arbitration": 2,
      "size-limited": 1,
      "control-address": 1,
    });
    expect(checklist).toMatchObject({ targeted: 11, toDeliver: 1 });
    expect(await reasonsOf(database.db, id)).toMatchObject({
      "denied@o.example": ["denylisted", ""],
      "sick@o.example": ["quarantined", ""],
      "weak@o.example": ["bad-quality", "points is less than 5"],
      "filtered@o.example": ["excluded-by-rule", "No VIPs"],
      "pressed@o.example": ["excluded-by-arbitration", "Quiet"],
    });
  });

  test("rules of another nature and rules that are off do nothing; the lower order goes first", async () => {
    const audience = await listOf(database.db, numbered("nature", 4));
    const everybody = { exclude: { segment: { and: [] } } };
    const typology = await addRules(database.db, [
      { kind: "filtering", name: "For service mail", definition: { ...everybody, natures: ["service"] } },
      { kind: "filtering", name: "Off", definition: everybody, enabled: false },
      { kind: "filtering", name: "Second", definition: everybody, order: 60 },
      {
        kind: "filtering",
        name: "First",
        definition: { exclude: { segment: { attribute: "email", is: "starts-with", value: "nature1" } } },
        order: 40,
      },
    ]);
    const id = await seedDelivery(database.db, { audience, settings: settingsWith({ typology }) });
    await analyse(database.db, id);
    expect(Object.values(await reasonsOf(database.db, id)).map(([, detail]) => detail)).toEqual([
      "Second",
      "First",
      "Second",
      "Second",
    ]);
  });
});

async function suppress(matchKey: string): Promise<void> {
  await rows("insert into suppressed_addresses (hash, added_at) values ($1, now())", [
    createHash("sha256").update(matchKey).digest(),
  ]);
}

test("who is suppressed, by address or domain, is counted and not listed", async () => {
  const audience = await importCsv(
    database.db,
    "email\nHidden.Person@s.example\nother@s.example\nany@closed.example\nfine@open.example\n",
  );
  await suppress("hidden.person@s.example");
  await rows("insert into suppressed_domains (domain, added_at) values ('closed.example', now())");
  const id = await seedDelivery(database.db, { audience });
  expect(await analyse(database.db, id)).toMatchObject({ targeted: 4, toDeliver: 2, excluded: { suppressed: 2 } });
  expect(await reasonsOf(database.db, id)).toEqual({});
  expect(await reached(id)).toEqual(["fine@open.example", "other@s.example"]);
});

describe("quality", () => {
  test("more errors in a row than allowed, too small a number, and no number at all", async () => {
    const audience = await importCsv(
      database.db,
      "email,score\na@q.example,10\nb@q.example,9.5\nc@q.example,\nd@q.example,12\ne@q.example,many\n",
    );
    await rows(
      "insert into quarantine (match_key, address, status, reason, errors, updated_at) values ('d@q.example', 'd@q.example', 'with-errors', 'mailbox-full', 3, now()), ('a@q.example', 'a@q.example', 'with-errors', 'mailbox-full', 2, now())",
    );
    const id = await seedDelivery(database.db, {
      audience,
      settings: settingsWith({ population: { maxErrors: 2, quality: { attribute: "score", atLeast: 10 } } }),
    });
    await analyse(database.db, id);
    expect(await reached(id)).toEqual(["a@q.example"]);
    expect(await reasonsOf(database.db, id)).toMatchObject({
      "b@q.example": ["bad-quality", "score is less than 10"],
      "c@q.example": ["bad-quality", "score is less than 10"],
      "d@q.example": ["bad-quality", "3 errors in a row"],
      "e@q.example": ["bad-quality", "score is less than 10"],
    });
  });
});

describe("size", () => {
  const limited = async (audience: { list: string }, population: object) => {
    const id = await seedDelivery(database.db, { audience, settings: settingsWith({ population }) });
    await analyse(database.db, id);
    return { id, people: await reached(id) };
  };

  test("at random: so many, the same ones whenever the same chance is asked, others by another", async () => {
    const audience = await listOf(database.db, numbered("random", 60));
    const { id, people } = await limited(audience, { limit: { recipients: 20 } });
    expect(people).toHaveLength(20);
    await analyse(database.db, id);
    expect(await reached(id)).toEqual(people);
    const first = await limited(audience, { limit: { recipients: 20 }, shuffle: "autumn" });
    const again = await limited(audience, { limit: { recipients: 20 }, shuffle: "autumn" });
    expect(again.people).toEqual(first.people);
    expect(first.people).not.toEqual(people);
  });

  test("by an attribute, numbers as numbers, without a value last", async () => {
    const audience = await listOf(
      database.db,
      "email,points\na@size.example,9\nb@size.example,10\nc@size.example,\nd@size.example,100\n",
    );
    const most = await limited(audience, { limit: { recipients: 2, by: { attribute: "points" } } });
    expect(most.people).toEqual(["b@size.example", "d@size.example"]);
    const least = await limited(audience, {
      limit: { recipients: 3, by: { attribute: "points", direction: "ascending" } },
    });
    expect(least.people).toEqual(["a@size.example", "b@size.example", "d@size.example"]);
    expect(await reasonsOf(database.db, least.id)).toEqual({
      "c@size.example": ["size-limited", "limited to 3 by points"],
    });
  });

  test("a limit beyond the target changes nothing", async () => {
    const audience = await listOf(database.db, numbered("few", 5));
    expect((await limited(audience, { limit: { recipients: 6 } })).people).toHaveLength(5);
  });
});

describe("control group", () => {
  const grouped = async (audience: { list: string }, control: object, more: object = {}) => {
    const id = await seedDelivery(database.db, {
      audience,
      settings: settingsWith({ population: { control, ...more } }),
    });
    const checklist = await analyse(database.db, id);
    const left = Object.entries(await reasonsOf(database.db, id)).filter(
      ([, [reason]]) => reason === "control-address",
    );
    return {
      id,
      checklist,
      addresses: left.map(([address]) => address),
      details: new Set(left.map(([, [, detail]]) => detail)),
    };
  };

  test("a share of those who would get a message, drawn alike at every analysis, logged with its reason", async () => {
    const audience = await listOf(database.db, numbered("share", 55));
    const { id, checklist, addresses, details } = await grouped(
      audience,
      { percent: 10 },
      { limit: { recipients: 50 } },
    );
    expect(checklist).toMatchObject({ toDeliver: 45, excluded: { "size-limited": 5, "control-address": 5 } });
    expect([...details]).toEqual(["10 % at random"]);
    await analyse(database.db, id);
    const again = Object.entries(await reasonsOf(database.db, id)).filter(
      ([, [reason]]) => reason === "control-address",
    );
    expect(again.map(([address]) => address)).toEqual(addresses);
  });

  test("the first after sorting", async () => {
    const audience = await listOf(database.db, numbered("first", 10));
    const { addresses } = await grouped(audience, {
      recipients: 2,
      by: { attribute: "points", direction: "ascending" },
    });
    // Points are 7i mod 10: 0 has 0 points, 3 has 1.
    expect(addresses).toEqual(["first0@first.example", "first3@first.example"]);
  });

  test("named people, by a segment or a list", async () => {
    const audience = await listOf(database.db, numbered("named", 6));
    const some = await listOf(database.db, "email\nnamed4@named.example\nelsewhere@named.example\n");
    expect((await grouped(audience, { choice: some })).addresses).toEqual(["named4@named.example"]);
    const tree = { attribute: "points", is: "at-least", value: 4 };
    const { checklist } = await grouped(audience, { choice: { segment: tree } });
    expect(checklist.excluded).toEqual({ "control-address": 2 });
  });

  test("larger than the target leaves nobody, and the checklist says so", async () => {
    const audience = await listOf(database.db, numbered("large", 3));
    const { checklist } = await grouped(audience, { recipients: 10 });
    expect(checklist).toMatchObject({ ready: false, toDeliver: 0, excluded: { "control-address": 3 } });
  });

  test("33: a target of one file has none, and cannot be confirmed with one", async () => {
    const audience = await importCsv(database.db, numbered("file", 10));
    const id = await seedDelivery(database.db, {
      audience,
      settings: settingsWith({ population: { control: { percent: 50 } } }),
    });
    const checklist = await analyse(database.db, id);
    expect(checklist).toMatchObject({ ready: false, toDeliver: 10, excluded: {} });
    expect(checklist.items).toContainEqual(expect.objectContaining({ id: "control-group-of-file", level: "error" }));
  });
});
