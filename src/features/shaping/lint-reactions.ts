/** What is wrong with reactions: patterns that cannot be read or hit nothing, and examples that an earlier reaction takes. */
import { PatternError, readPattern } from "../../core/bounce/pattern.ts";
import { findRuns, PatternIndexBuilder } from "../../core/bounce/pattern-index.ts";
import { readReply } from "../../core/bounce/read-reply.ts";
import { isCodePattern, isEnhancedPattern } from "../../core/bounce/rule.ts";
import { splitWords } from "../../core/bounce/words.ts";
import { providerOf } from "../../core/shaping/match.ts";
import { compileReactions, matchingReactions } from "../../core/shaping/reactions.ts";
import type { Provider, Reaction } from "../../core/shaping/rule.ts";
import type { Problem } from "./problem.ts";
import type { Entry } from "./read-files.ts";

export function lintReactions(
  entries: readonly Entry<"reaction">[],
  reactions: readonly Reaction[],
  providers: readonly Provider[],
): Problem[] {
  const problems = entries.flatMap((entry) => [...lintCodes(entry), ...lintTexts(entry)]);
  // Examples can only be tried once every reaction can be compiled.
  return problems.length > 0 ? problems : lintExamples(entries, reactions, providers);
}

function lintCodes({ place, written: { name, code, enhanced, text } }: Entry<"reaction">): Problem[] {
  const problems: Problem[] = [];
  const title = `reaction ${name}`;
  for (const one of code ?? []) {
    if (isCodePattern(one)) continue;
    const detail = `${title}: code "${one}" is not like 421, 45x or 4xx`;
    problems.push({ place: place.at("code", one), code: "bad-pattern", detail });
  }
  for (const one of enhanced ?? []) {
    if (isEnhancedPattern(one)) continue;
    const detail = `${title}: enhanced "${one}" is not like 4.7.28 or x.7.*`;
    problems.push({ place: place.at("enhanced", one), code: "bad-pattern", detail });
  }
  if (!code && !enhanced && !text) {
    const detail = `${title} would take every answer: code, enhanced or text must say which`;
    problems.push({ place: place.at(), code: "no-condition", detail });
  }
  return problems;
}

/** Every pattern must be found in one of the examples. */
function lintTexts({ place, written: { name, text, examples } }: Entry<"reaction">): Problem[] {
  return (text ?? []).flatMap((pattern): Problem[] => {
    try {
      readPattern(pattern, {});
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      const detail = `reaction ${name}: pattern "${pattern}": ${error.message}`;
      return [{ place: place.at("text", pattern), code: "bad-pattern", detail }];
    }
    if (examples.some(({ reply }) => isFound(pattern, reply))) return [];
    const detail = `reaction ${name}: pattern "${pattern}" is in none of its examples`;
    return [{ place: place.at("text", pattern), code: "dead-pattern", detail }];
  });
}

function isFound(pattern: string, reply: string): boolean {
  const builder = new PatternIndexBuilder({});
  const { runs } = builder.add(pattern);
  const { marks } = findRuns(builder.build(), splitWords(reply));
  return runs.every((run) => marks[run] === 1);
}

function lintExamples(
  entries: readonly Entry<"reaction">[],
  reactions: readonly Reaction[],
  providers: readonly Provider[],
): Problem[] {
  const compiled = compileReactions(reactions, providers, {});
  return entries.flatMap(({ place, written: { name, provider, examples } }) =>
    examples.flatMap(({ reply, stage, mx }): Problem[] => {
      const at = mx === undefined ? (provider ?? "other") : providerOf(providers, [mx]);
      const { code, enhanced } = readReply(reply);
      const answer = { stage, code, enhanced, text: reply, mx: mx ?? null };
      const reached = matchingReactions(compiled, at, answer)[0]?.name;
      if (reached === name) return [];
      const taken = reached !== undefined;
      const detail = `reaction ${name}: example "${reply}" ${taken ? `is taken by reaction ${reached}` : `at provider ${at} does not reach it`}`;
      return [{ place: place.at("examples", reply), code: taken ? "overlapping-patterns" : "missed-example", detail }];
    }),
  );
}
