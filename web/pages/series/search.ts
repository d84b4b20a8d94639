/** What the address of a new series says. */
import { text } from "../../search.ts";

/** Which delivery is repeated. */
export type NewSeriesSearch = { delivery?: string | undefined };

export const newSeriesSearch = (search: Record<string, unknown>): NewSeriesSearch => ({
  delivery: text(search["delivery"]),
});
