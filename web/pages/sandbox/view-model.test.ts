/** What the sandbox inbox shows of a message. */
import { expect, test } from "vitest";

import type { SandboxMessageDetail } from "../../queries.ts";
import { firstTab, returnPath, sandboxSearch } from "./view-model.ts";

const message = (html: string | null): SandboxMessageDetail => ({
  id: "1",
  at: "2026-01-01T00:00:00Z",
  mailFrom: "a@example.com",
  rcptTo: "b@example.com",
  subject: "Hello",
  size: 100,
  html,
  text: "Hello",
  headers: [],
  raw: "",
});

test("HTML comes first where there is some", () => {
  expect(firstTab(message("<p>Hello</p>"))).toBe("html");
  expect(firstTab(message(null))).toBe("text");
  expect(firstTab(message(""))).toBe("text");
});

test("a bounce has the empty return path", () => {
  expect(returnPath("")).toBe("<>");
  expect(returnPath("a@example.com")).toBe("a@example.com");
});

test("a recipient in the address is a filter", () => {
  expect(sandboxSearch({ recipient: "ann@example.com" })).toEqual({ recipient: "ann@example.com", message: undefined });
});
