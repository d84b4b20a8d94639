/**
 * What is wrong with providers and MX rules as a set: names given twice, masks that two providers share, rules that never
 * apply, examples that end up elsewhere.
 */
import { hidesRule, providerOf } from "../../core/shaping/match.ts";
import { commonHost, matchesMask } from "../../core/shaping/match-masks.ts";
import type { MxRule, Provider } from "../../core/shaping/rule.ts";
import type { Table } from "./file-schema.ts";
import type { Place, Problem } from "./problem.ts";
import type { Entry } from "./read-files.ts";

/** The masks of a rule, and the hosts that must reach it. */
export type RuleEntry = { readonly place: Place; readonly rule: MxRule; readonly examples: readonly string[] };

export function lintNames(table: Table, entries: readonly Entry<Table>[]): Problem[] {
  const seen = new Map<string, Place>();
  return entries.flatMap(({ place, written: { name } }) => {
    const earlier = seen.get(name);
    if (earlier === undefined) seen.set(name, place);
    return earlier === undefined
      ? []
      : [problem(place.at("name"), "duplicate-name", `${table} ${name} is there already, in ${earlier.at()}`)];
  });
}

export function lintProviders(entries: readonly Entry<"provider">[]): Problem[] {
  const providers = entries.map(({ written }): Provider => ({ ...written, warmUp: null }));
  return entries.flatMap((entry, i) => [
    ...lintOverlap(entry, entries.slice(0, i)),
    ...lintMasks("provider", entry.written.name, entry.place, entry.written.mx, entry.written.examples),
    ...lintReach(entry, providers),
  ]);
}

function lintOverlap({ place, written }: Entry<"provider">, earlier: readonly Entry<"provider">[]): Problem[] {
  for (const mask of written.mx) {
    for (const { written: other } of earlier) {
      for (const taken of other.mx) {
        const host = commonHost(taken, mask);
        if (host === null) continue;
        const detail = `provider ${written.name}: "${mask}" and "${taken}" of provider ${other.name} before it both match ${host}`;
        return [problem(place.at("mx", mask), "overlapping-providers", detail)];
      }
    }
  }
  return [];
}

/** A mask without an example may be misspelt, and nobody would notice. */
function lintMasks(
  what: "provider" | "rule",
  name: string,
  place: Place,
  masks: readonly string[],
  examples: readonly string[],
): Problem[] {
  return masks
    .filter((mask) => !examples.some((host) => matchesMask(mask, host)))
    .map((mask) =>
      problem(place.at("mx", mask), "dead-pattern", `${what} ${name}: "${mask}" matches none of its examples`),
    );
}

function lintReach({ place, written }: Entry<"provider">, providers: readonly Provider[]): Problem[] {
  const missed = written.examples.filter((host) => providerOf(providers, [host]) !== written.name);
  if (missed.length === written.examples.length) {
    const detail = `provider ${written.name}: none of its examples reaches it`;
    return [problem(place.at("examples"), "dead-provider", detail)];
  }
  return missed.map((host) =>
    problem(place.at("examples", host), "missed-example", `provider ${written.name}: its masks miss ${host}`),
  );
}

/** `isLast`: these are the last rules there are, so that the last of them must take everything. */
export function lintRules(entries: readonly RuleEntry[], isLast: boolean): Problem[] {
  const problems = entries.flatMap((entry, i) => lintRule(entry, entries.slice(0, i)));
  const last = entries.at(-1);
  if (isLast && !last?.rule.mx.includes("*")) {
    const place = last?.place.at("mx") ?? "shaping";
    problems.push(problem(place, "no-last-rule", 'the last rule must be for everything: mx = ["*"]'));
  }
  return problems;
}

function lintRule({ place, rule, examples }: RuleEntry, earlier: readonly RuleEntry[]): Problem[] {
  const hiding = earlier.find((other) => hidesRule(other.rule, rule));
  if (hiding) {
    const detail = `rule ${rule.name} can never apply: rule ${hiding.rule.name} before it takes all its hosts`;
    return [problem(place.at("mx"), "unreachable-rule", detail)];
  }
  return [
    ...lintMasks("rule", rule.name, place, rule.mx, examples),
    ...examples.flatMap((host) => {
      const takes = (one: MxRule) => one.mx.some((mask) => matchesMask(mask, host));
      const taker = earlier.find((other) => takes(other.rule))?.rule;
      const detail = taker
        ? `rule ${taker.name} before it takes ${host}`
        : takes(rule)
          ? null
          : `its masks miss ${host}`;
      return detail === null
        ? []
        : [problem(place.at("examples", host), "missed-example", `rule ${rule.name}: ${detail}`)];
    }),
  ];
}

function problem(place: string, code: Problem["code"], detail: string): Problem {
  return { place, code, detail };
}
