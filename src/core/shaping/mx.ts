/** The mail exchangers of a domain: in which order they are tried (RFC 5321 §5.1), and the name of the site they form. */

export type MxTarget = {
  /** Lower case, ASCII, without the final dot. */
  readonly host: string;
  /** Lower is tried first. */
  readonly preference: number;
};

/** By preference; among equals in random order, so that load spreads. `random` gives numbers in [0, 1). */
export function orderTargets(targets: readonly MxTarget[], random: () => number): MxTarget[] {
  return targets
    .map((target) => ({ target, draw: random() }))
    .sort((a, b) => a.target.preference - b.target.preference || a.draw - b.draw)
    .map(({ target }) => target);
}

/** Domains with the same set of hosts share their lanes, whatever the preferences. */
export function siteName(targets: readonly MxTarget[]): string {
  return [...new Set(targets.map(({ host }) => host))].sort().join(",");
}
