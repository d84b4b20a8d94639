/** Recurring deliveries. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { newSeriesSearch } from "../pages/series/search.ts";
import { at } from "./root.ts";

const list = createRoute({
  ...at("/series"),
  component: lazyRouteComponent(() => import("../pages/series/series-list.tsx"), "SeriesList"),
});
const one = createRoute({
  ...at("/series/$id"),
  component: lazyRouteComponent(() => import("../pages/series/series-page.tsx"), "SeriesPage"),
  validateSearch: newSeriesSearch,
});

export const seriesRoutes = [list, one] as const;
