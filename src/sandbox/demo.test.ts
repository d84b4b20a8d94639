import { expect, test } from "vitest";

import { PERSON_COLUMNS } from "../core/sandbox/people.ts";
import { parseTemplate } from "../core/template/parse-template.ts";
import { demoCampaign } from "./demo.ts";

test("the sample campaign is valid and uses only what people have", async () => {
  const { subject, html, text } = await demoCampaign();
  for (const [source, kind] of [
    [subject, "text"],
    [html, "html"],
    [text, "text"],
  ] as const) {
    // The blocks come with Envoi; what they say is tested there.
    const parsed = parseTemplate(source.replaceAll(/\{% render '[a-z-]+' %\}/g, ""), { kind });
    if (parsed.kind === "errors") throw new Error(JSON.stringify(parsed.errors));
    expect(parsed.attributes.length).toBeGreaterThan(0);
    for (const { name } of parsed.attributes) expect(PERSON_COLUMNS).toContain(name);
  }
  expect(html.length).toBeGreaterThan(6000);
  expect(html.length).toBeLessThan(12_000);
});
