/** What the page of MX rules decides: the question in its address, the order after a move, which providers match words. */
import type { MxRule, Provider, SiteQuestion } from "../../queries-sending.ts";
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

/** The ids with one of them a place further up or down; the same ones where it cannot go further. */
export function moved(ids: readonly string[], id: string, step: 1 | -1): string[] {
  const from = ids.indexOf(id);
  const to = from + step;
  if (from === -1 || to < 0 || to >= ids.length) return [...ids];
  const others = ids.filter((each) => each !== id);
  return [...others.slice(0, to), id, ...others.slice(to)];
}

/** Rules as they stand once the server has put them in this order. */
export function inOrder(rules: readonly MxRule[], ids: readonly string[]): MxRule[] {
  return ids
    .map((id) => rules.find((rule) => rule.id === id))
    .filter((rule) => rule !== undefined)
    .map((rule, index) => ({ ...rule, position: index + 1 }));
}

export function matching(providers: readonly Provider[], words: string): Provider[] {
  const wanted = words.trim().toLowerCase();
  return providers.filter(({ name, label, mx }) =>
    [name, label, ...mx].some((each) => each.toLowerCase().includes(wanted)),
  );
}
