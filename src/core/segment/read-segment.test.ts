import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { explain } from "./explain.ts";
import { anniversaryDays, readDay, spanOf } from "./instants.ts";
import type { AttributeType } from "./operators.ts";
import { MAX_NODES, readSegment } from "./read-segment.ts";
import { DAY } from "../time.ts";

const SCHEMA: readonly AttributeType[] = [
  { name: "age", type: "number" },
  { name: "born", type: "date" },
  { name: "plan", type: "enum", values: ["gold", "silver"] },
  { name: "vip", type: "boolean" },
];
const CITY = { attribute: "city", is: "equals", value: "Rome" };

function nested(depth: number): object {
  let tree: object = CITY;
  for (let i = 1; i < depth; i++) tree = { not: tree };
  return tree;
}

test.each<[string, object, string]>([
  ["a text", CITY, 'city is "Rome"'],
  ["nothing: everybody", { and: [] }, "everybody"],
  ["nothing: nobody", { or: [] }, "nobody"],
  ["a number", { attribute: "age", is: "between", value: [18, 30] }, "age is between 18 and 30"],
  ["a date", { attribute: "born", is: "anniversary", value: 0 }, "born has its anniversary today"],
  [
    "a duration",
    { field: "created", is: "within-last", value: "7d" },
    "the date of the first import is within the last 7 days",
  ],
  [
    "one day",
    { field: "created", is: "older-than", value: "1d" },
    "the date of the first import is longer ago than 1 day",
  ],
  ["no value", { not: { attribute: "city", is: "exists" } }, "not (city is there)"],
  ["an undeclared number", { attribute: "points", is: "greater", value: 5 }, "points is greater than 5"],
  ["an undeclared date", { attribute: "seen", is: "after", value: "2026-01-31" }, 'seen is after "2026-01-31"'],
  [
    "several texts",
    { attribute: "city", is: "in", value: ["a", "b", "c", "d", "e", "f", "g"] },
    'city is one of "a", "b", "c", "d", "e" or one of 2 more',
  ],
  [
    "behaviour",
    { and: [{ list: "1" }, { or: [CITY, { behaviour: "clicked", deliveries: ["7"], link: 2 }] }] },
    'in the list 1 and (city is "Rome" or clicked in link 2 of delivery 7)',
  ],
  ["status", { addressStatus: ["valid", "held"] }, "the address is valid or held"],
  [
    "the last deliveries",
    { behaviour: "not-opened", deliveries: { last: 5 } },
    "received and did not open one of the last 5 deliveries",
  ],
])("%s is read and said in words", (_name, json, words) => {
  const read = readSegment(json, SCHEMA);
  expect(read).toEqual({ kind: "segment", segment: json });
  if (read.kind === "segment") expect(explain(read.segment)).toBe(words);
});

test.each<[string, unknown, string, string]>([
  ["no object", [CITY], "", "invalid-type"],
  ["two kinds", { and: [], or: [] }, "", "invalid-condition"],
  ["an unknown kind", { xor: [] }, "", "invalid-condition"],
  ["a kind of the prototype", { constructor: [] }, "", "invalid-condition"],
  ["an unknown word", { attribute: "city", is: "toString", value: "x" }, "/is", "invalid-value"],
  ["a misspelt key", { ...CITY, vlaue: "x" }, "/vlaue", "unrecognized-key"],
  ["deep inside", { and: [CITY, { not: { list: "0" } }] }, "/and/1/not/list", "invalid-id"],
  ["SQL for an id", { list: "1; drop table lists" }, "/list", "invalid-id"],
  ["a word of another type", { attribute: "age", is: "contains", value: "1" }, "/is", "invalid-operator"],
  ["a text for a number", { attribute: "age", is: "equals", value: "18" }, "/value", "invalid-value"],
  ["what is no date", { attribute: "born", is: "before", value: "2026-02-30" }, "/value", "invalid-value"],
  ["a time for a date", { attribute: "born", is: "equals", value: "2026-02-03T10:00:00Z" }, "/value", "invalid-value"],
  ["hours for a date", { attribute: "born", is: "within-last", value: "36h" }, "/value", "invalid-value"],
  [
    "a value that the enumeration has not",
    { attribute: "plan", is: "in", value: ["gold", "iron"] },
    "/value",
    "invalid-value",
  ],
  ["NUL", { attribute: "city", is: "equals", value: "a\0" }, "/value", "invalid-value"],
  ["half a character", { attribute: "city\ud800", is: "exists" }, "/attribute", "invalid-value"],
  ["an empty text", { attribute: "city", is: "contains", value: "" }, "/value", "invalid-value"],
  ["a value where none belongs", { attribute: "city", is: "exists", value: "x" }, "/value", "invalid-value"],
  ["an unknown field", { field: "password", is: "exists" }, "/field", "invalid-value"],
  ["no deliveries", { behaviour: "opened", deliveries: [] }, "/deliveries", "invalid-value"],
  ["a link of several", { behaviour: "clicked", deliveries: ["1", "2"], link: 1 }, "/link", "invalid-value"],
  ["a link that is opened", { behaviour: "opened", deliveries: ["1"], link: 1 }, "/link", "invalid-value"],
  ["an unknown status", { addressStatus: ["valid", "bad"] }, "/addressStatus", "invalid-value"],
  ["too deep", nested(5000), "/not".repeat(12), "too-deep"],
  ["too many", { or: Array.from({ length: 100_000 }, () => CITY) }, `/or/${MAX_NODES - 1}`, "too-large"],
])("%s is refused where it is", (_name, json, pointer, code) => {
  expect(readSegment(json, SCHEMA)).toMatchObject({ kind: "problems", problems: [{ pointer, code }] });
});

test("whatever JSON comes, it is read or refused with pointers, never thrown at", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      const read = readSegment(json, SCHEMA);
      if (read.kind === "problems") expect(read.problems.length).toBeGreaterThan(0);
      else expect(explain(read.segment)).not.toBe("");
    }),
  );
});

describe("dates", () => {
  const now = Date.parse("2026-11-21T09:00:00Z");

  test("every day that a calendar has is read as its midnight", () => {
    const days = fc.date({ min: new Date("0001-01-01"), max: new Date("9900-12-31"), noInvalidDate: true });
    fc.assert(
      fc.property(days, (date) => {
        const text = date.toISOString();
        expect(readDay(text)?.from).toBe(date.getTime());
        expect(readDay(text.slice(0, 10))?.from).toBe(Date.parse(text.slice(0, 10)));
      }),
    );
  });

  test.each(["2026-02-29", "2026-13-01", "2026-00-10", "0000-01-01", "2026-1-1", "2026-01-01T24:00", "now", ""])(
    "%j is none",
    (text) => expect(readDay(text)).toBeNull(),
  );

  test.each([
    ["2026-11-21T10:30+02:00", "2026-11-21T08:30:00Z"],
    ["2026-11-21 10:30:05.25-05:30", "2026-11-21T16:00:05.250Z"],
  ])("%s is %s", (text, utc) => expect(readDay(text)?.from).toBe(Date.parse(utc)));

  test("of dates, the last 7 days are today and six before; of times they roll", () => {
    const day = (text: string) => Date.parse(text);
    expect(spanOf("within-last", 7 * DAY, "date", now)).toEqual({ from: day("2026-11-15"), to: day("2026-11-22") });
    expect(spanOf("older-than", 7 * DAY, "date", now)).toEqual({ from: null, to: day("2026-11-15") });
    expect(spanOf("within-next", 2 * DAY, "date", now)).toEqual({ from: day("2026-11-21"), to: day("2026-11-23") });
    expect(spanOf("within-last", DAY, "timestamp", now)).toEqual({ from: now - DAY, to: now + 1 });
    expect(spanOf("older-than", DAY, "timestamp", now)).toEqual({ from: null, to: now - DAY });
  });

  test("who is born on 29 February celebrates on the 28th when there is no 29th", () => {
    expect(anniversaryDays(0, Date.parse("2026-02-28T12:00:00Z"))).toEqual(["02-28", "02-29"]);
    expect(anniversaryDays(0, Date.parse("2028-02-28T12:00:00Z"))).toEqual(["02-28"]);
    expect(anniversaryDays(-1, Date.parse("2026-03-01T12:00:00Z"))).toEqual(["02-28", "02-29"]);
  });
});
