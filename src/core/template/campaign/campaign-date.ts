/** Date patterns of the incumbent's `formatDate` (`%4Y/%2M/%2D`, its API reference) as those of the filter `date`. */
import { CampaignError } from "./campaign-error.ts";

/** By letter: without a width, with one. Hours and the like have two digits where the pattern says `2` or `02`. */
const CONVERSIONS: Readonly<Record<string, readonly [plain: string, wide: string]>> = {
  D: ["%-d", "%d"],
  M: ["%-m", "%m"],
  J: ["%-j", "%j"],
  H: ["%-H", "%H"],
  I: ["%-I", "%I"],
  N: ["%-M", "%M"],
  S: ["%-S", "%S"],
};
const NAMES: Readonly<Record<string, string>> = { A: "%a", Al: "%A", Ai: "%a", B: "%b", Bl: "%B", Bi: "%b", P: "%p" };
const YEARS: Readonly<Record<string, string>> = { "": "%Y", "4": "%Y", "2": "%y", "02": "%y" };

/** `at`: where the pattern begins in the source. */
export function datePattern(pattern: string, at: number): string {
  return pattern.replace(/%(\d*)([A-Za-z]?)([li]?)/g, (whole, width: string, letter: string, form: string) => {
    if (whole === "%" && letter === "") return "%%";
    if (letter === "Y" && Object.hasOwn(YEARS, width)) return `${YEARS[width]}${form}`;
    const numeric = Object.hasOwn(CONVERSIONS, letter) ? CONVERSIONS[letter] : undefined;
    if (numeric !== undefined && /^(0?[123])?$/.test(width))
      return numeric[width === "" || width.endsWith("1") ? 0 : 1] + form;
    if (width === "" && Object.hasOwn(NAMES, letter + form)) return NAMES[letter + form] as string;
    if (width === "" && letter === "P") return `%p${form}`;
    throw new CampaignError(
      at,
      `"${whole}" is no part of a date: there are %4Y %2Y %2M %B %Bl %2D %A %Al %J %2H %2I %2N %2S %P`,
    );
  });
}
