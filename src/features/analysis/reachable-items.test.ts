import { expect, test } from "vitest";

import type { Link } from "../../core/message/manifest.ts";
import type { LinkAnswer } from "../../platform/link-probe.ts";
import { linksToAsk, reachableItems } from "./reachable-items.ts";

const link = (url: string, changes: Partial<Link> = {}): Link => ({
  number: 1,
  url,
  personalised: url.includes("{"),
  mode: "tracked",
  label: "Shop",
  category: "",
  part: "html",
  line: 1,
  column: 1,
  ...changes,
});

test.each<[string, string | null]>([
  ["https://shop.example/a?b=1#c", "https://shop.example/a?b=1"],
  ["http://shop.example", "http://shop.example/"],
  ["https://me:secret@shop.example/", "https://shop.example/"],
  ["https://shop.example/a?id={{ recipient.id }}", "https://shop.example/a"],
  ["https://shop.example?id={{ recipient.id }}", "https://shop.example/"],
  ["https://shop.example/{{ recipient.id }}", null],
  ["https://{{ recipient.city }}.example/", null],
  ["{{ recipient.url }}", null],
  ["{% if recipient.x %}https://a.example/{% endif %}", null],
  ["mailto:ann@shop.example", null],
  ["tel:+331", null],
  ["not an address", null],
])("%s is asked as %s", (url, address) => {
  expect(linksToAsk({ links: [link(url)], honeypot: null }).map((each) => each.address)).toEqual(
    address === null ? [] : [address],
  );
});

test("each address is asked once; Envoi's own pages and the link for machines never", () => {
  const links = [
    link("https://a.example/#top"),
    link("https://a.example/", { part: "text" }),
    link("https://t.example/u", { mode: "opt-out" }),
    link("https://t.example/m", { mode: "mirror" }),
    link("https://t.example/h", { number: 9 }),
    link("https://b.example/", { mode: "not-tracked" }),
  ];
  const found = linksToAsk({ links, honeypot: 9 }).map(({ address }) => address);
  expect(found).toEqual(["https://a.example/", "https://b.example/"]);
});

const answered = (status: number): LinkAnswer => ({ kind: "answered", status });

test.each<[LinkAnswer | undefined, string[]]>([
  [answered(200), []],
  [answered(206), []],
  [answered(304), []],
  [answered(401), []],
  [answered(403), []],
  [answered(429), []],
  [answered(404), ["link-broken"]],
  [answered(410), ["link-broken"]],
  [{ kind: "no-such-host", host: "a.example" }, ["link-broken"]],
  [answered(503), ["link-not-asked"]],
  [{ kind: "not-asked", why: "no answer within 5 s" }, ["link-not-asked"]],
  [undefined, ["link-not-asked"]],
])("%j means %j", (answer, ids) => {
  const links = linksToAsk({ links: [link("https://a.example/")], honeypot: null });
  const answers = new Map(answer === undefined ? [] : [["https://a.example/", answer]]);
  expect(reachableItems(links, answers).map(({ id }) => id)).toEqual(ids);
});

test("many broken links are one item that shows some of them, with their places", () => {
  const links = linksToAsk({
    links: Array.from({ length: 8 }, (_, i) => link(`https://a.example/${i}`, { line: i + 1 })),
    honeypot: null,
  });
  const [item] = reachableItems(links, new Map(links.map(({ address }) => [address, answered(404)])));
  expect(item).toMatchObject({ level: "warning", title: "8 links lead nowhere" });
  expect(item?.detail).toMatch(/^HTML part, line 1, column 1: https:\/\/a\.example\/0 leads to nothing \(404\)\. /);
  expect(item?.detail).toMatch(/line 5.*\. And 3 more\.$/);
});
