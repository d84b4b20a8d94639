/**
 * What a change of the rules would change, tried on replies that came in: an operator sees it, with counts, before the change is
 * saved. A reply counts as often as it was given.
 */
import { type CompiledRules, qualify } from "./qualify.ts";
import type { Answer, Verdict } from "./verdict.ts";

/** A reply of the past and how often it was given. */
export type PastReply = Answer & { readonly count: number };

/** Replies that one verdict took and another would take. */
type RuleChange = {
  readonly before: Verdict;
  readonly after: Verdict;
  /** Different texts, and how often they were given. */
  readonly texts: number;
  readonly count: number;
  /** The most frequent ones. */
  readonly examples: readonly string[];
};

type RuleComparison = {
  /** All replies that were tried, as often as they were given. */
  readonly count: number;
  readonly changed: number;
  /** Of the changed ones: how many would quarantine their address that did not, and the other way round. */
  readonly newlyHard: number;
  readonly noLongerHard: number;
  /** The most frequent change first. */
  readonly changes: readonly RuleChange[];
};

const MAX_EXAMPLES = 5;

type Changed = { readonly reply: PastReply; readonly before: Verdict; readonly after: Verdict };

/** A reply that another rule would take with the same verdict is no change. */
export function compareRules(
  before: CompiledRules,
  after: CompiledRules,
  replies: readonly PastReply[],
): RuleComparison {
  const changed = replies
    .map((reply) => ({ reply, before: qualify(before, reply), after: qualify(after, reply) }))
    .filter((change) => meaning(change.before) !== meaning(change.after));
  const groups = Map.groupBy(changed, (change) => `${describe(change.before)} > ${describe(change.after)}`);
  const becoming = (now: boolean) =>
    changed.filter((change) => isHard(change.after) === now && isHard(change.before) !== now).map(({ reply }) => reply);
  return {
    count: sum(replies),
    changed: sum(changed.map(({ reply }) => reply)),
    newlyHard: sum(becoming(true)),
    noLongerHard: sum(becoming(false)),
    changes: [...groups.values()].flatMap(changeOf).toSorted((a, b) => b.count - a.count),
  };
}

function changeOf(group: readonly Changed[]): RuleChange[] {
  const [first] = group;
  if (first === undefined) return [];
  const replies = group.map(({ reply }) => reply).toSorted((a, b) => b.count - a.count);
  const examples = [...new Set(replies.map(({ text }) => text))];
  return [
    {
      before: first.before,
      after: first.after,
      texts: examples.length,
      count: sum(replies),
      examples: examples.slice(0, MAX_EXAMPLES),
    },
  ];
}

function sum(replies: readonly PastReply[]): number {
  return replies.reduce((total, { count }) => total + count, 0);
}

function meaning({ type, reason, action, scope }: Verdict): string {
  return `${type} ${reason} ${action} ${scope}`;
}

function describe(verdict: Verdict): string {
  return `${meaning(verdict)} ${verdict.rule}`;
}

function isHard({ type }: Verdict): boolean {
  return type === "hard";
}
