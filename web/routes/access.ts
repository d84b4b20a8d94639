/** Routes of operators, groups, tokens, browsers, and the audit log. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { auditSearch } from "../pages/operators/view-model.ts";
import { text } from "../search.ts";
import { at } from "./root.ts";

const operators = createRoute({
  ...at("/operators"),
  component: lazyRouteComponent(() => import("../pages/operators/operators.tsx"), "Operators"),
});
const operator = createRoute({
  ...at("/operators/$id"),
  component: lazyRouteComponent(() => import("../pages/operators/operator-page.tsx"), "OperatorPage"),
});
const groups = createRoute({
  ...at("/operators/groups"),
  component: lazyRouteComponent(() => import("../pages/operators/groups.tsx"), "Groups"),
});
const group = createRoute({
  ...at("/operators/groups/$id"),
  component: lazyRouteComponent(() => import("../pages/operators/group-page.tsx"), "GroupPage"),
});
const sessions = createRoute({
  ...at("/operators/sessions"),
  component: lazyRouteComponent(() => import("../pages/operators/sessions.tsx"), "Sessions"),
  validateSearch: (search: Record<string, unknown>): { operator?: string | undefined } => ({
    operator: text(search["operator"]),
  }),
});
const signInSettings = createRoute({
  ...at("/operators/sign-in"),
  component: lazyRouteComponent(() => import("../pages/operators/sign-in-settings.tsx"), "SignInSettingsPage"),
});
const tokens = createRoute({
  ...at("/tokens"),
  component: lazyRouteComponent(() => import("../pages/operators/tokens.tsx"), "Tokens"),
});
const audit = createRoute({
  ...at("/audit"),
  component: lazyRouteComponent(() => import("../pages/operators/audit.tsx"), "Audit"),
  validateSearch: auditSearch,
});

export const accessRoutes = [operators, operator, groups, group, sessions, signInSettings, tokens, audit] as const;
