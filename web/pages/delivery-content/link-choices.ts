/** What the operator decides for single links, over what was found. A link is known by its URL as the content writes it. */
import type { Link, Settings } from "../../../src/contract/index.ts";

export const LINK_MODES = ["tracked", "not-tracked", "opt-out", "mirror"] as const satisfies readonly Link["mode"][];

export type LinkChoice = { label?: string; category?: string; mode?: Link["mode"] };
export type LinkRow = Link;

type Choices = Settings["links"];

/** What is found, with what has been chosen since. */
export const linkRows = (found: readonly Link[], choices: Choices): LinkRow[] =>
  found.map((link) => {
    const { label, category, mode } = choices.find((each) => each.url === link.url) ?? {};
    return {
      ...link,
      ...(label === undefined ? {} : { label }),
      ...(category === undefined ? {} : { category }),
      ...(mode === undefined ? {} : { mode }),
    };
  });

export const chosen = (choices: Choices, url: string, choice: LinkChoice): Choices =>
  choices.some((each) => each.url === url)
    ? choices.map((each) => (each.url === url ? { ...each, ...choice } : each))
    : [...choices, { url, ...choice }];
