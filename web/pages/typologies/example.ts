/** At most three messages in 14 days, and six newsletters (docs/exclusions.md): which of them somebody does not get who would get all. */
export const EXAMPLE_GROUPINGS = ["none", "month", "quarter"] as const;
export type ExampleGrouping = (typeof EXAMPLE_GROUPINGS)[number];

export const EXAMPLE: readonly { day: string; stays: readonly ExampleGrouping[] }[] = [
  { day: "2026-05-30", stays: [] },
  { day: "2026-06-03", stays: [] },
  { day: "2026-06-08", stays: [] },
  { day: "2026-06-12", stays: ["none", "month", "quarter"] },
  { day: "2026-06-22", stays: ["quarter"] },
  { day: "2026-06-30", stays: ["month", "quarter"] },
];
