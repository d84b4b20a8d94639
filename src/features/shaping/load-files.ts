/**
 * Providers, MX rules, reactions and sweeps from `rules/shaping/*.toml`, with the operator's own (`DATA_DIR/shaping/*.toml`)
 * before them. The loader is a linter: every mistake of every file is told at once, with its name, file and line. Each set is
 * checked by itself, because the operator's entries may well take what shipped ones are for.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { MxRule, Provider, ShapingFiles } from "../../core/shaping/rule.ts";
import { toProvider, toReaction, toRule, toSweep } from "./convert.ts";
import { lintReactions } from "./lint-reactions.ts";
import { lintNames, lintProviders, lintRules, type RuleEntry } from "./lint-set.ts";
import { configError, type Problem } from "./problem.ts";
import { type Entries, type Entry, readFiles } from "./read-files.ts";

const SHIPPED = fileURLToPath(new URL("../../../rules/shaping", import.meta.url));

/** Throws `config-invalid`. */
export function loadShapingFiles(dataDir: string): ShapingFiles {
  const shipped = loadSet(SHIPPED, "shipped", NONE);
  const own = loadSet(join(dataDir, "shaping"), "own-file", shipped);
  const without = <T extends { readonly name: string }>(list: readonly T[], mine: readonly T[]) =>
    list.filter(({ name }) => !mine.some((one) => one.name === name));
  return {
    providers: [...own.providers, ...without(shipped.providers, own.providers)],
    rules: [...own.rules, ...shipped.rules],
    reactions: [...own.reactions, ...without(shipped.reactions, own.reactions)],
    sweeps: [...own.sweeps, ...without(shipped.sweeps, own.sweeps)],
  };
}

const NONE: ShapingFiles = { providers: [], rules: [], reactions: [], sweeps: [] };

/** `below`: what this set lies over; its providers can be named here. */
function loadSet(dir: string, origin: MxRule["origin"], below: ShapingFiles): ShapingFiles {
  const { entries, problems } = readFiles(dir);
  problems.push(
    ...lintNames("provider", entries.provider),
    ...lintNames("rule", entries.rule),
    ...lintNames("reaction", entries.reaction),
    ...lintNames("sweep", entries.sweep),
  );
  const own = entries.provider.map(({ written }) => toProvider(written));
  const providers = [...own, ...below.providers];
  problems.push(...lintProviders(entries.provider), ...lintProviderNames(entries, providers));
  const reactions = entries.reaction.map((entry) => toReaction(entry, problems));
  const sweeps = entries.sweep.map((entry) => toSweep(entry, problems));
  // What follows judges the set as a whole: of a broken one it would say too much.
  if (problems.length > 0) throw configError(problems);
  const rules = entries.rule.map((entry) => toRuleEntry(entry, entries.provider, providers, origin));
  problems.push(...lintRules(rules, origin === "shipped"), ...lintReactions(entries.reaction, reactions, providers));
  if (problems.length > 0) throw configError(problems);
  return { providers: own, rules: rules.map(({ rule }) => rule), reactions, sweeps };
}

function lintProviderNames(entries: Entries, providers: readonly Provider[]): Problem[] {
  const known = new Set(providers.map(({ name }) => name));
  return (["rule", "reaction", "sweep"] as const).flatMap((table) =>
    entries[table].flatMap(({ place, written: { name, provider } }): Problem[] => {
      if (provider === undefined || known.has(provider)) return [];
      const detail = `${table} ${name}: there is no provider "${provider}"`;
      return [{ place: place.at("provider"), code: "unknown-provider", detail }];
    }),
  );
}

/** A rule for a provider has the provider's masks, and unless it has its own the provider's examples. */
function toRuleEntry(
  { place, written }: Entry<"rule">,
  entries: readonly Entry<"provider">[],
  providers: readonly Provider[],
  origin: MxRule["origin"],
): RuleEntry {
  const masks = written.mx ?? providers.find(({ name }) => name === written.provider)?.mx ?? [];
  const given = written.examples ?? entries.find((entry) => entry.written.name === written.provider)?.written.examples;
  // A shipped provider has shown in its own file that its masks are sound: a host made of each will do.
  const examples = given ?? masks.map((mask) => mask.replaceAll(/[*?]/g, "x"));
  return { place, rule: toRule(written, masks, origin), examples };
}
