/** How many people a share of them is. */

/** `percent` of `people`, to the nearest whole person (half: one more), never more than there are. */
export function shareOf(people: number, percent: number): number {
  // Percentages come with few digits; in whole thousandths nothing is lost to binary fractions.
  const thousandths = Math.round(percent * 1000);
  return Math.min(people, Math.floor((people * thousandths + 50_000) / 100_000));
}
