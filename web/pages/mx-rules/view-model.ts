/** What the page of MX rules decides: the question in its address, which providers match words. */
import type { Provider, SiteQuestion } from "../../queries-sending.ts";
import { text } from "../../search.ts";

export const ruleSearch = (search: Record<string, unknown>): SiteQuestion => {
  const mx = text(search["mx"]);
  return {
    mx,
    // The API takes one of the two.
    domain: mx === undefined ? text(search["domain"]) : undefined,
    source: /^\d{1,9}$/.test(text(search["source"]) ?? "") ? text(search["source"]) : undefined,
  };
};

export function matching(providers: readonly Provider[], words: string): Provider[] {
  const wanted = words.trim().toLowerCase();
  return providers.filter(({ name, label, mx }) =>
    [name, label, ...mx].some((each) => each.toLowerCase().includes(wanted)),
  );
}
