/** Choices for single links lie over what was found. */
import { expect, test } from "vitest";

import type { Link } from "../../../src/contract/index.ts";
import { chosen, linkRows } from "./link-choices.ts";

const link = (number: number, url: string): Link => ({
  number,
  url,
  personalised: false,
  mode: "tracked",
  label: "found",
  category: "",
  part: "html",
  line: 1,
  column: 1,
});

test("a choice replaces only what it names", () => {
  const choices = chosen([], "https://a.example/", { mode: "not-tracked" });
  expect(linkRows([link(1, "https://a.example/"), link(2, "https://b.example/")], choices)).toEqual([
    { ...link(1, "https://a.example/"), mode: "not-tracked" },
    link(2, "https://b.example/"),
  ]);
});

test("a second choice for the same link joins the first; others are left", () => {
  const first = chosen([{ url: "https://b.example/", label: "B" }], "https://a.example/", { label: "A" });
  expect(chosen(first, "https://a.example/", { mode: "mirror" })).toEqual([
    { url: "https://b.example/", label: "B" },
    { url: "https://a.example/", label: "A", mode: "mirror" },
  ]);
});

test("a label can be taken away again", () => {
  const choices = chosen([], "https://a.example/", { label: "" });
  expect(linkRows([link(1, "https://a.example/")], choices)[0]?.label).toBe("");
});
