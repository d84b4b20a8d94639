/** Files as targets: of one delivery only, with nobody in it becoming a recipient, and rows of an imported one that name somebody again. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../../test/database.ts";
import { addRules, listOf, reasonsOf, settingsWith } from "../../../test/population.ts";
import { analyse, importCsv, NOW, seedDelivery, uploadFile } from "../../../test/seed-delivery.ts";
import { DAY } from "../../core/time.ts";
import { eraseRecipient } from "../audience/erase-recipient.ts";
import { forgetFiles } from "../audience/index.ts";
import { deleteDelivery } from "../deliveries/store.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const rows = <T = Record<string, unknown>>(sql: string, params: unknown[] = []) => database.db.query<T>(sql, params);
const CONTENT = {
  subject: "Hello",
  html: "<p>Hello {{ recipient.name }}, unsubscribe</p>",
  text: "Hello {{ recipient.name }}, unsubscribe",
  syntax: "liquid" as const,
};

type Sent = { address: string; recipient_id: number | null; vars: object };
const messagesOf = (id: number) =>
  rows<Sent>(
    `select m.address, m.recipient_id, m.vars
       from messages m join delivery_parts p on p.id = m.part_id where p.delivery_id = $1 order by m.address, m.vars::text`,
    [id],
  );
const codes = ({ items }: { items: readonly { id: string; level: string }[] }) =>
  items.map(({ id, level }) => `${level} ${id}`);
const countRows = async (file: string) => (await rows("select 1 from file_rows where import_id = $1", [file])).length;

/** Refused, denied, quarantined, suppressed, on a list, repeated: one of each. */
async function ofAllKinds(name: string) {
  const at = (who: string) => `${who}@${name}.example`;
  await listOf(database.db, `email,name\n${at("denied")},Old\n${at("known")},Old\n`);
  const list = await listOf(database.db, `email,name\n${at("listed")},Old\n`);
  await rows("update recipients set denylisted_at = now() where address = $1", [at("denied")]);
  await rows(
    "insert into quarantine (match_key, address, status, reason, updated_at) values ($1, $1, 'quarantined', 'user-unknown', now())",
    [at("sick")],
  );
  await rows("insert into suppressed_domains (domain, added_at) values ($1, now())", [`gone.${name}.example`]);
  const lines = [
    `${at("ann")},Ann`,
    "nobody,None",
    `${at("denied")},Den`,
    `${at("sick")},Sick`,
    `x@gone.${name}.example,Gone`,
    `${at("listed")},Lis`,
    `${at("known")},Kim`,
    `${at("ANN")},Again`,
    ",Empty",
  ];
  return { at, list, audience: await uploadFile(database.db, `email,name\n${lines.join("\n")}\n`) };
}

describe("the rows of a file", () => {
  test("get what the file says, are excluded by what is known of their addresses, and become no recipients", async () => {
    const { at, list, audience } = await ofAllKinds("all");
    const [before] = await rows("select count(*) as n from recipients");
    const id = await seedDelivery(database.db, {
      content: CONTENT,
      audience,
      settings: settingsWith({ exclude: [list] }),
    });
    const checklist = await analyse(database.db, id);
    expect(checklist).toMatchObject({
      ready: true,
      targeted: 9,
      toDeliver: 2,
      excluded: {
        "invalid-address": 1,
        "address-not-specified": 1,
        duplicate: 1,
        denylisted: 1,
        quarantined: 1,
        suppressed: 1,
        "excluded-by-rule": 1,
      },
    });
    expect(await messagesOf(id)).toEqual([
      { address: at("ann"), recipient_id: null, vars: { name: "Ann" } },
      { address: at("known"), recipient_id: null, vars: { name: "Kim" } },
    ]);
    expect(Object.keys(await reasonsOf(database.db, id)).toSorted()).toEqual(
      ["", "nobody", at("ANN"), at("denied"), at("listed"), at("sick")].toSorted(),
    );
    expect(codes(checklist)).toContain("info file-target");
    expect(checklist.items.find((item) => item.id === "file-target")?.detail).toMatch(/^3 of 6 rows /);
    expect(await rows("select count(*) as n from recipients")).toEqual([before]);
    expect(await rows("select address, attributes from recipients where address = $1", [at("known")])).toEqual([
      { address: at("known"), attributes: { name: "Old" } },
    ]);
  });

  test("each have a message of their own, with what they say themselves, when repeated ones are kept", async () => {
    const audience = await uploadFile(database.db, "email,name\na@twice.example,One\nA@twice.example,Two\n");
    const settings = settingsWith({ population: { duplicates: "keep" } });
    const id = await seedDelivery(database.db, { content: CONTENT, audience, settings });
    expect(await analyse(database.db, id)).toMatchObject({ targeted: 2, toDeliver: 2, excluded: {} });
    expect((await messagesOf(id)).map(({ vars }) => vars)).toEqual([{ name: "Two" }, { name: "One" }]);
  });

  test("whoever left the service of the delivery gets nothing, whatever file they are in", async () => {
    await importCsv(database.db, "email\nleft@service.example\nstays@service.example\n");
    const [service] = await rows<{ id: number }>(
      "insert into services (name, public_key, created_at, updated_at) values ('News', 'key', now(), now()) returning id",
    );
    await rows(
      "insert into subscriptions (service_id, recipient_id, state, since) select $1, id, 'unsubscribed', now() from recipients where address = 'left@service.example'",
      [service?.id],
    );
    const audience = await uploadFile(
      database.db,
      "email\nleft@service.example\nstays@service.example\nnew@service.example\n",
    );
    const id = await seedDelivery(database.db, { audience, settings: settingsWith({ service: String(service?.id) }) });
    expect(await analyse(database.db, id)).toMatchObject({ toDeliver: 2, excluded: { denylisted: 1 } });
  });

  test("count in no pressure rule of later deliveries; a rule that allows nothing excludes them too", async () => {
    const csv = "email\na@press.example\n";
    const people = await listOf(database.db, csv);
    const audience = await uploadFile(database.db, csv);
    await analyse(database.db, await seedDelivery(database.db, { audience }));
    const rule = (threshold: number) => ({
      kind: "pressure" as const,
      name: "Once",
      definition: { threshold, days: 7 },
    });
    const once = settingsWith({ typology: await addRules(database.db, [rule(1)]) });
    const never = settingsWith({ typology: await addRules(database.db, [rule(0)]) });
    const later = await seedDelivery(database.db, { audience: people, settings: once });
    expect(await analyse(database.db, later)).toMatchObject({ toDeliver: 1 });
    const none = await seedDelivery(database.db, { audience, settings: never });
    expect(await analyse(database.db, none)).toMatchObject({ excluded: { "excluded-by-arbitration": 1 } });
  });
});

describe("33: a target that is a file", () => {
  const linked = { ...CONTENT, html: `${CONTENT.html}<a href="{{ message.mirror_url }}">web</a>` };
  const checked = async (settings: Record<string, unknown>, content = CONTENT) => {
    const audience = await uploadFile(database.db, "email,name\na@mirror.example,A\n");
    return analyse(
      database.db,
      await seedDelivery(database.db, { content, audience, settings: settingsWith(settings) }),
    );
  };

  test("has no control group", async () => {
    const checklist = await checked({ population: { control: { recipients: 1 } } });
    expect(checklist).toMatchObject({ ready: false, toDeliver: 1 });
    expect(codes(checklist)).toContain("error control-group-of-file");
  });

  test("has no mirror pages: a link to one is a warning, wanting them for all an error", async () => {
    expect(codes(await checked({})).filter((code) => code.includes("mirror"))).toEqual([]);
    const warned = await checked({}, linked);
    expect(warned.ready).toBe(true);
    expect(codes(warned)).toContain("warning mirror-of-file");
    const denied = await checked({ mirror: "force" });
    expect(denied.ready).toBe(false);
    expect(codes(denied)).toContain("error file-mirror-forced");
  });
});

describe("the rows go", () => {
  test("with the last delivery that names the file", async () => {
    const audience = await uploadFile(database.db, "email\na@go.example\nnobody\n");
    const [first, second] = [
      await seedDelivery(database.db, { audience }),
      await seedDelivery(database.db, { audience }),
    ];
    await database.db.transaction((tx) => deleteDelivery(tx, first));
    expect(await countRows(audience.file)).toBe(1);
    await database.db.transaction((tx) => deleteDelivery(tx, second));
    expect(await countRows(audience.file)).toBe(0);
    expect(await rows("select 1 from import_errors where import_id = $1", [audience.file])).toEqual([]);
    await expect(seedDelivery(database.db, { audience })).rejects.toThrow(/no rows of a file/);
  });

  test("with the log of deliveries that are over; an unused file's after 30 days", async () => {
    const [unused, old, young, running] = await Promise.all(
      ["u", "o", "y", "r"].map((name) => uploadFile(database.db, `email\n${name}@night.example\n`)),
    );
    const delivered = async (audience: { file: string } | undefined, state: string, days: number) => {
      const id = await seedDelivery(database.db, { audience: audience! });
      await rows("update deliveries set state = $2, finished_at = $3 where id = $1", [
        id,
        state,
        new Date(NOW - days * DAY).toISOString(),
      ]);
    };
    await delivered(old, "finished", 200);
    await delivered(young, "finished", 100);
    await delivered(running, "paused", 400);
    const count = () => Promise.all([unused, old, young, running].map((each) => countRows(each!.file)));
    await forgetFiles(database.db, NOW + 29 * DAY, NOW - 180 * DAY);
    expect(await count()).toEqual([1, 1, 1, 1]);
    await forgetFiles(database.db, NOW + 31 * DAY, NOW - 180 * DAY);
    expect(await count()).toEqual([0, 0, 1, 1]);
  });

  test("an analysis that finds them gone says so", async () => {
    const audience = await uploadFile(database.db, "email\na@late.example\n");
    const id = await seedDelivery(database.db, { audience });
    await rows("update imports set rows_removed_at = now() where id = $1", [audience.file]);
    await rows("delete from file_rows where import_id = $1", [audience.file]);
    const checklist = await analyse(database.db, id);
    expect(checklist.ready).toBe(false);
    expect(codes(checklist)).toContain("error file-target-gone");
  });

  test("of a person who is erased, with their messages", async () => {
    await importCsv(database.db, "email\nann@erase.example\n");
    const audience = await uploadFile(database.db, "email,name\nAnn@erase.example,Ann\nbob@erase.example,Bob\n");
    const id = await seedDelivery(database.db, { content: CONTENT, audience });
    await analyse(database.db, id);
    const [ann] = await rows<{ id: number }>("select id from recipients where match_key = 'ann@erase.example'");
    await expect(eraseRecipient(database.db, ann?.id ?? 0, "test", NOW)).rejects.toThrow(/not final/);
    await rows(
      "update messages set status = 'sent' where part_id in (select id from delivery_parts where delivery_id = $1)",
      [id],
    );
    expect(await eraseRecipient(database.db, ann?.id ?? 0, "test", NOW)).toMatchObject({ messages: 1 });
    expect(await messagesOf(id)).toEqual([
      { address: "bob@erase.example", recipient_id: null, vars: { name: "Bob" } },
      { address: "erased@erased.invalid", recipient_id: null, vars: {} },
    ]);
    expect(await rows("select address from file_rows where import_id = $1", [audience.file])).toEqual([
      { address: "bob@erase.example" },
    ]);
  });
});

describe("rows of an imported file that name somebody again", () => {
  test("are kept however the domain is written", async () => {
    const idn = "email\nann@bücher.example\nANN@BÜCHER.example\nann@xn--bcher-kva.example\nbob@ascii.example\n";
    const settings = settingsWith({ population: { duplicates: "keep" } });
    const id = await seedDelivery(database.db, { audience: await importCsv(database.db, idn), settings });
    expect(await analyse(database.db, id)).toMatchObject({ targeted: 4, toDeliver: 4, excluded: {} });
    const [people] = await rows<{ people: number }>(
      "select count(distinct m.recipient_id) as people from messages m join delivery_parts p on p.id = m.part_id where p.delivery_id = $1",
      [id],
    );
    expect(people).toEqual({ people: 2 });
  });

  const csv = "email,name\nann@dup.example,Ann\nANN@dup.example,Anna\nbob@dup.example,Bob\nann@dup.example,\nbad\n";

  test("are excluded as duplicates", async () => {
    const id = await seedDelivery(database.db, { audience: await importCsv(database.db, csv) });
    expect(await analyse(database.db, id)).toMatchObject({
      targeted: 5,
      toDeliver: 2,
      excluded: { duplicate: 2, "invalid-address": 1 },
    });
  });

  test("get a message each when they are kept, and share the fate of the first", async () => {
    const settings = settingsWith({ population: { duplicates: "keep" } });
    const id = await seedDelivery(database.db, { audience: await importCsv(database.db, csv), settings });
    expect(await analyse(database.db, id)).toMatchObject({
      targeted: 5,
      toDeliver: 4,
      excluded: { "invalid-address": 1 },
    });
    expect((await messagesOf(id)).map(({ address }) => address)).toEqual([
      "ann@dup.example",
      "ann@dup.example",
      "ann@dup.example",
      "bob@dup.example",
    ]);
    const [people] = await rows<{ people: number }>(
      "select count(distinct m.recipient_id) as people from messages m join delivery_parts p on p.id = m.part_id where p.delivery_id = $1 and m.recipient_id > 0",
      [id],
    );
    expect(people).toEqual({ people: 2 });
    await rows("update recipients set denylisted_at = now() where address = 'ann@dup.example'");
    expect(await analyse(database.db, id)).toMatchObject({
      targeted: 5,
      toDeliver: 1,
      excluded: { denylisted: 3, "invalid-address": 1 },
    });
  });
});
