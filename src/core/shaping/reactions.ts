/**
 * Finds what a reply sets off: the first that fits of the reactions of its provider, then of those for all, in their order, also when
 * it is still below its threshold. Patterns are those of bounce rules, found from their rarest word (core/bounce/pattern-index.ts), so no
 * reply and no rule makes it slow.
 */
import { type Pattern, findRuns, type PatternIndex, PatternIndexBuilder } from "../bounce/pattern-index.ts";
import { codeClass, matchesCode, matchesEnhanced } from "../bounce/rule.ts";
import type { Answer, Verdict } from "../bounce/verdict.ts";
import { splitWords } from "../bounce/words.ts";
import { HOUR, MINUTE, type Duration, type Instant } from "../time.ts";
import { type NamedObject, namedObject, plainText } from "./named-object.ts";
import { providerScope, type ReplyPlace, scopeKey, scopeOf } from "./place.ts";
import type { Scope } from "./restriction.ts";
import type { Provider, Reaction, ReactionAction } from "./rule.ts";
import { createHits, type Hits, hit } from "./reactions-hits.ts";

type CompiledReaction = {
  readonly reaction: Reaction;
  readonly text: readonly Pattern[] | null;
};

/** Reactions ready for use. Made once for all lanes. */
export type CompiledReactions = {
  readonly index: PatternIndex;
  /** For each provider its own reactions, then those for all. */
  readonly byProvider: ReadonlyMap<string, readonly CompiledReaction[]>;
  readonly forAll: readonly CompiledReaction[];
};

/** Counts and what was set off lately; bounded. One for each sender. */
export type Reactor = { readonly compiled: CompiledReactions; readonly hits: Hits };

export type ReplyToReact = {
  readonly answer: Answer;
  /** Of the bounce rules; null when nobody asked them. */
  readonly verdict: Verdict | null;
  readonly place: ReplyPlace;
};

export type Triggered = {
  /** As it is to be carried out now: `alert` only once an hour, however many messages it is about. */
  readonly reaction: Reaction;
  readonly scope: Scope;
  /** What the reply says it is about. */
  readonly named: NamedObject | null;
  /** Replies within the threshold's window; 1 without a threshold. */
  readonly count: number;
  /** The reply, and how many there were; one line. */
  readonly evidence: string;
};

const EVIDENCE_CHARS = 500;
/** Steps of a controller are at most one a minute anyway. */
const STEP_QUIET: Duration = MINUTE;
const ALERT_QUIET: Duration = HOUR;

const BASE = { provider: null, stage: null, code: null, enhanced: null, text: null, threshold: null, alert: false };
/** What `slow` of a bounce rule means where no reaction says more. */
const DEFAULT_SLOW: Reaction = { ...BASE, name: "default-slow", scope: "lane", action: { kind: "slow" }, duration: 0 };
/** What `retry-elsewhere` about the source means where no reaction says more. */
const DEFAULT_OTHER_SOURCE: Reaction = {
  ...BASE,
  name: "default-other-source",
  scope: "provider",
  action: { kind: "other-source" },
  duration: HOUR,
};

/** What `alarm` of a bounce rule means where no reaction says more: nothing changes before a person acts, so a person is told. */
const DEFAULT_ALARM: Reaction = {
  ...BASE,
  name: "default-alarm",
  scope: "provider",
  action: { kind: "alert" },
  duration: 0,
};
const DEFAULTS: ReadonlySet<string | undefined> = new Set<Verdict["action"]>(["slow", "retry-elsewhere", "alarm"]);

/** `words`: lists that patterns name as `$list`. Throws `PatternError`, and for a provider that there is not. */
export function compileReactions(
  reactions: readonly Reaction[],
  providers: readonly Provider[],
  words: Readonly<Record<string, readonly string[]>>,
): CompiledReactions {
  const builder = new PatternIndexBuilder(words);
  const compiled = reactions.map((reaction) => {
    if (reaction.provider !== null && !providers.some(({ name }) => name === reaction.provider)) {
      throw new Error(`reaction ${reaction.name}: there is no provider ${reaction.provider}`);
    }
    return { reaction: withinMeans(reaction), text: reaction.text?.map((pattern) => builder.add(pattern)) ?? null };
  });
  const forAll = compiled.filter(({ reaction }) => reaction.provider === null);
  const own = (name: string) => compiled.filter(({ reaction }) => reaction.provider === name);
  return {
    index: builder.build(),
    byProvider: new Map(providers.map(({ name }) => [name, [...own(name), ...forAll]])),
    forAll,
  };
}

/** About one recipient nothing is slowed or restricted: the message waits. */
function withinMeans(reaction: Reaction): Reaction {
  const { action, scope } = reaction;
  if (scope !== "recipient" || isWish(action.kind) || action.kind === "alert") return reaction;
  return { ...reaction, action: { kind: "retry" } };
}

/** About the one message: each has its own. */
function isWish(kind: ReactionAction["kind"]): kind is "same-source" | "retry" | "fail" {
  return kind === "same-source" || kind === "retry" || kind === "fail";
}

/** All that fit the answer, in order. Their thresholds and actions are not looked at. */
export function matchingReactions(compiled: CompiledReactions, provider: string, answer: Answer): readonly Reaction[] {
  return matching(compiled, provider, answer).map(({ reaction }) => reaction);
}

function matching(compiled: CompiledReactions, provider: string, answer: Answer): readonly CompiledReaction[] {
  const digit = answer.code === null ? Number(answer.enhanced?.charAt(0) ?? 0) : Math.floor(answer.code / 100);
  const code = answer.code === null ? `${digit}xx` : String(answer.code);
  // The basic code decides on the class when the two disagree, as in core/bounce/qualify.ts.
  const enhanced = answer.enhanced === null ? null : `${digit}${answer.enhanced.slice(1)}`;
  const fitting = (compiled.byProvider.get(provider) ?? compiled.forAll).filter(({ reaction }) => {
    if (reaction.stage && !reaction.stage.includes(answer.stage)) return false;
    if (reaction.code && !reaction.code.some((p) => codeClass(p) === digit && matchesCode(p, code))) return false;
    return !reaction.enhanced || (enhanced !== null && reaction.enhanced.some((p) => matchesEnhanced(p, enhanced)));
  });
  if (!fitting.some(({ text }) => text !== null)) return fitting;
  const { marks } = findRuns(compiled.index, splitWords(plainText(answer)));
  const has = (pattern: Pattern) => pattern.runs.every((run) => marks[run] === 1);
  return fitting.filter(({ text }) => text === null || text.some(has));
}

export function createReactor(compiled: CompiledReactions): Reactor {
  return { compiled, hits: createHits() };
}

/** What this reply sets off: nothing or one reaction. Counts it. */
export function react(reactor: Reactor, reply: ReplyToReact, now: Instant): readonly Triggered[] {
  const { answer, place, verdict } = reply;
  const matched = matching(reactor.compiled, place.provider, answer);
  if (matched.length === 0 && !DEFAULTS.has(verdict?.action)) return [];
  const named = namedObject(answer, place.sourceAddress);
  const [first] = matched;
  const reaction = first?.reaction ?? defaultReaction(verdict, named);
  if (reaction === null) return [];
  const triggered = attempt(reactor, reaction, reply, named, now);
  return triggered === null ? [] : [triggered];
}

/** What a reply says about one recipient's mailbox is no reason to slow a lane. */
function defaultReaction(verdict: Verdict | null, named: NamedObject | null): Reaction | null {
  if (verdict?.action === "alarm") return DEFAULT_ALARM;
  if (verdict?.action === "slow") return named?.kind === "recipient" ? null : DEFAULT_SLOW;
  return verdict?.action === "retry-elsewhere" && verdict.scope === "source" ? DEFAULT_OTHER_SOURCE : null;
}

/** Null: not due yet, or done lately. */
function attempt(
  reactor: Reactor,
  reaction: Reaction,
  { answer, place }: ReplyToReact,
  named: NamedObject | null,
  now: Instant,
): Triggered | null {
  // Another source is to go there: what one site thinks of a source says nothing about all others.
  const isElsewhere = reaction.action.kind === "other-source" && reaction.scope === "source";
  const scope = isElsewhere ? providerScope(place) : scopeOf(reaction.scope, place, named);
  const isRecipients = reaction.scope === "recipient" && isWish(reaction.action.kind);
  const object = isRecipients ? (place.recipient ?? "") : scopeKey(scope);
  const result = hit(reactor.hits, `${reaction.name}\n${object}`, reaction.threshold, quietOf(reaction), now);
  if (result.kind !== "due") return null;
  const { count } = result;
  const within =
    reaction.threshold === null ? "" : `${count} times within ${Math.round(reaction.threshold.within / MINUTE)} min: `;
  const isTold = reaction.alert && hit(reactor.hits, `${reaction.name}\nalert`, null, ALERT_QUIET, now).kind === "due";
  const told = reaction.alert === isTold ? reaction : { ...reaction, alert: false };
  return { reaction: told, scope, named, count, evidence: oneLine(`${within}${answer.text}`) };
}

/** So long the same is not set off again for the same object: what is on its way when it happens is one event. */
function quietOf({ action, duration }: Reaction): Duration {
  if (isWish(action.kind)) return 0;
  if (action.kind === "alert") return ALERT_QUIET;
  return action.kind === "slow" || action.kind === "fewer-connections" ? STEP_QUIET : duration / 2;
}

/** Control characters become blanks; cut. */
export function oneLine(text: string): string {
  const cut = text.slice(0, 2 * EVIDENCE_CHARS).replace(/[\p{Cc}\p{Cs}\s]+/gu, " ");
  return cut.trim().slice(0, EVIDENCE_CHARS);
}
