/** Routes of lanes, shaping, MX rules, sources, and warm-up. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { ruleSearch } from "../pages/mx-rules/view-model.ts";
import { eventSearch, laneSearch } from "../pages/sending/view-model.ts";
import { warmUpSearch } from "../pages/sources/view-model.ts";
import { at } from "./root.ts";

const lanes = createRoute({
  ...at("/sending"),
  component: lazyRouteComponent(() => import("../pages/sending/lanes.tsx"), "Lanes"),
  validateSearch: laneSearch,
});
const shapingEvents = createRoute({
  ...at("/sending/events"),
  component: lazyRouteComponent(() => import("../pages/sending/events.tsx"), "ShapingEvents"),
  validateSearch: eventSearch,
});
const mxRules = createRoute({
  ...at("/sending/rules"),
  component: lazyRouteComponent(() => import("../pages/mx-rules/mx-rules.tsx"), "MxRules"),
  validateSearch: ruleSearch,
});
const mxRule = createRoute({
  ...at("/sending/rules/$id"),
  component: lazyRouteComponent(() => import("../pages/mx-rules/rule-page.tsx"), "RulePage"),
});
const sources = createRoute({
  ...at("/sending/sources"),
  component: lazyRouteComponent(() => import("../pages/sources/sources.tsx"), "Sources"),
});
const source = createRoute({
  ...at("/sending/sources/$id"),
  component: lazyRouteComponent(() => import("../pages/sources/source-page.tsx"), "SourcePage"),
});
const pool = createRoute({
  ...at("/sending/pools/$id"),
  component: lazyRouteComponent(() => import("../pages/sources/pool-page.tsx"), "PoolPage"),
});
const warmUp = createRoute({
  ...at("/sending/warm-up"),
  component: lazyRouteComponent(() => import("../pages/sources/warm-up.tsx"), "WarmUp"),
  validateSearch: warmUpSearch,
});

export const sendingRoutes = [lanes, shapingEvents, mxRules, mxRule, sources, source, pool, warmUp] as const;
