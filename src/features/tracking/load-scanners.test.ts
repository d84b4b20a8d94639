import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { loadScanners } from "./load-scanners.ts";

const BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

describe("known proxies and scanners", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "envoi-scanners-"));
    mkdirSync(join(dir, "scanners"));
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const own = (text: string) => writeFileSync(join(dir, "scanners", "own.toml"), text);
  const example = 'examples = [{ kind = "click", address = "203.0.113.9", user_agent = "x" }]\n';
  const valid = `[[rule]]\nname = "own"\nclass = "scanner"\nsource = "https://gateway.example/"\n`;

  test.each([
    ["open", "192.0.2.1", "Mozilla/5.0 (via ggpht.com GoogleImageProxy)", "google-image-proxy"],
    ["open", "192.0.2.1", "Mozilla/5.0", "apple-mail-privacy"],
    ["open", "17.1.2.3", BROWSER, "apple-network"],
    ["click", "17.1.2.3", BROWSER, undefined],
    ["click", "192.0.2.1", "Mozilla/5.0", undefined],
    ["click", "209.222.80.0", BROWSER, "barracuda-network"],
    ["click", "209.222.87.255", BROWSER, "barracuda-network"],
    ["click", "209.222.88.0", BROWSER, undefined],
    ["click", "::ffff:209.222.80.9", BROWSER, "barracuda-network"],
    ["click", "2001:db8::1", BROWSER, undefined],
    ["click", "unknown", BROWSER, undefined],
    ["click", "", "", undefined],
  ] as const)("%s from %s as %s: %s", (kind, address, userAgent, rule) => {
    expect(loadScanners(dir).find(kind, address, userAgent)?.name).toBe(rule);
  });

  test("the operator's come first", () => {
    own(`${valid}addresses = ["203.0.113.0/24", "2001:db8::/32"]\n${example}`);
    const scanners = loadScanners(dir);
    expect(scanners.find("open", "2001:db8:1::", "Mozilla/5.0")).toMatchObject({ name: "own", class: "scanner" });
    expect(scanners.find("open", "192.0.2.1", "Mozilla/5.0")?.name).toBe("apple-mail-privacy");
  });

  test.each([
    ["an unknown key", `${valid}adresses = ["203.0.113.0/24"]\n${example}`, "adresses"],
    ["a rule for everything", `${valid}${example}`, "matches everything"],
    ["a range that is none", `${valid}addresses = ["203.0.113.0/33"]\n${example}`, "203.0.113.0/33"],
    [
      "a range that does not start where it says",
      `${valid}addresses = ["203.0.113.9/24"]\n${example}`,
      "203.0.113.9/24",
    ],
    ["an example that the rule misses", `${valid}addresses = ["198.51.100.0/24"]\n${example}`, "not matched"],
    ["a rule twice", `${valid}user_agent_is = ["xxxx"]\n${example}`.replace('"x"', '"xxxx"').repeat(2), "twice"],
    [
      "a rule behind one that takes everything of it",
      `${valid}addresses = ["203.0.113.0/24"]\n${example}${valid.replace("own", "late")}addresses = ["203.0.113.0/28"]\n${example}`,
      "is taken by rule own",
    ],
    ["no source", `${valid.replace("https://gateway.example/", "everybody knows")}${example}`, "source"],
    ["no TOML at all", "[[rule", "own.toml"],
  ])("%s is an error that names it", (_, text, name) => {
    own(text);
    expect(() => loadScanners(dir)).toThrow(name);
  });
});
