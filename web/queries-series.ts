/** Recurring deliveries in the cache. */
import type { Series, SeriesRun } from "../src/contract/series.ts";
import { one, pages } from "./queries.ts";

export const SERIES_KEY = ["series"] as const;
export const seriesListQuery = pages<Series>([...SERIES_KEY, "list"], "/series");
export const seriesPath = (id: string) => `/series/${encodeURIComponent(id)}`;
export const seriesQuery = (id: string) => one<Series>([...SERIES_KEY, "one", id], seriesPath(id));
export const seriesRunsQuery = (id: string) => pages<SeriesRun>([...SERIES_KEY, "runs", id], `${seriesPath(id)}/runs`);
