import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadRules } from "./load-rules.ts";

const GOOD = `
[[rule]]
name = "full"
stage = ["rcpt"]
text = ["mailbox full"]
verdict = { type = "soft", reason = "mailbox-full", scope = "address" }
source = "RFC 3463"
examples = [{ reply = "552 mailbox full", stage = "rcpt" }]
`;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "envoi-rules-"));
});
afterEach(() => rm(dir, { recursive: true }));

/** The message of the error with which loading fails, or null. */
async function problems(files: Record<string, string>): Promise<string | null> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
  return loadRules(dir).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

describe("loadRules", () => {
  it("reads files in the order of their names, word lists for all", async () => {
    const second = GOOD.replace('"full"', '"any"')
      .replace("mailbox full", "$box")
      .replace("552 mailbox full", "552 box");
    expect(
      await problems({ "20-b.toml": second, "10-a.toml": GOOD, "00-w.toml": '[words]\nbox = ["mailbox", "box"]' }),
    ).toBeNull();
    // In the other order the wide rule takes the example of the narrow one.
    expect(await problems({ "05-first.toml": second.replace('"any"', '"early"') })).toContain("10-a.toml:2, rule full");
  });

  it.each([
    ["an unknown key", GOOD.replace("text =", "txt ="), "a.toml:5, rule full: content: Unrecognized key"],
    ["an unknown reason", GOOD.replace("mailbox-full", "mailbox-ful"), "a.toml:6, rule full: verdict.reason"],
    ["an unknown stage", GOOD.replace('["rcpt"]', '["helo"]'), "a.toml:4, rule full: stage.0"],
    ["no source", GOOD.replace(/source.*\n/, ""), "a.toml:2, rule full: source"],
    ["an unknown key of the file", `${GOOD}\n[[rules]]\nname = "x"`, "a.toml:10: content: Unrecognized key"],
    ["a bad pattern", GOOD.replace('["mailbox full"]', '["*"]'), "a.toml:2, rule full: pattern"],
    ["broken TOML", "[[rule", "a.toml:1: "],
    ["an example that no rule takes", GOOD.replace("552 mailbox full", "552 no"), "a.toml:2, rule full: example"],
    [
      "the second rule behind a wider one",
      `${GOOD}${GOOD.replace('"full"', '"later"')}`,
      "a.toml:10, rule later: can never be reached: full",
    ],
  ])("%s is refused by file, line and rule", async (_, text, message) => {
    expect(await problems({ "a.toml": text })).toContain(message);
  });

  it("tells all problems at once", async () => {
    const message = await problems({ "a.toml": "[[rule", "b.toml": GOOD.replace("text =", "txt =") });
    expect(message).toMatch(/a\.toml:1: .*b\.toml:5, rule full/s);
  });

  it("refuses word lists given twice, an empty and a missing folder", async () => {
    expect(await problems({})).toContain("no bounce rules");
    const words = '[words]\nbox = ["mailbox"]';
    expect(await problems({ "a.toml": words, "b.toml": words })).toContain("b.toml:2: word list box is given twice");
    await expect(loadRules(join(dir, "missing"))).rejects.toThrow("cannot be read");
  });
});
