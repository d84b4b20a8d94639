import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createTestDatabase, type TestDatabase } from "../../test/database.ts";
import { arrayLiteral } from "./array-literal.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test("strings of all kinds arrive as they were", async () => {
  const text = fc.string({ unit: "binary" }).filter((value) => !value.includes("\0") && value.isWellFormed());
  const hostile = fc.constantFrom("", "NULL", "null", '"', "\\", "{}", "a,b", " a ", "\n", '\\"', "é", "😀");
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(text, hostile, fc.constant(null)), { maxLength: 20 }), async (values) => {
      const [row] = await database.db.query<{ back: (string | null)[] }>("select $1::text[] as back", [values]);
      expect(row?.back).toEqual(values);
    }),
    { numRuns: 200 },
  );
});

test("numbers, truth values and dates arrive as they were", async () => {
  const numbers = [0, -1, 2 ** 31 - 1, null];
  const dates = [new Date(0), new Date(Date.UTC(2026, 1, 29, 23, 59, 59, 999)), new Date(-1), null];
  const [row] = await database.db.query<{ ints: unknown; flags: unknown; dates: unknown }>(
    `select $1::int[] as ints, $2::boolean[] as flags,
            array(select extract(epoch from d) * 1000 from unnest($3::timestamptz[]) with ordinality as x(d, n) order by n)::float8[] as dates`,
    [numbers, [true, false, null], dates],
  );
  expect(row).toEqual({
    ints: numbers,
    flags: [true, false, null],
    dates: dates.map((date) => date?.getTime() ?? null),
  });
});

test.each([[[new Uint8Array(1)]], [[[1]]], [[{}]], [[new Date(Number.NaN)]], [[new Date(-1e15)]]])(
  "what is not plain is left to pg: %j",
  (values) => {
    expect(arrayLiteral(values)).toBeNull();
  },
);
