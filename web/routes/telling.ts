/** What Envoi tells by itself: alerts and webhooks. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { alertSearch } from "../pages/alerts/view-model.ts";
import { requestSearch } from "../pages/webhooks/view-model.ts";
import { at } from "./root.ts";

const alerts = createRoute({
  ...at("/alerts"),
  component: lazyRouteComponent(() => import("../pages/alerts/alerts.tsx"), "Alerts"),
  validateSearch: alertSearch,
});
const alertSettings = createRoute({
  ...at("/alerts/settings"),
  component: lazyRouteComponent(() => import("../pages/alerts/alert-settings.tsx"), "AlertSettings"),
});
const webhooks = createRoute({
  ...at("/webhooks"),
  component: lazyRouteComponent(() => import("../pages/webhooks/webhooks.tsx"), "Webhooks"),
});
const webhook = createRoute({
  ...at("/webhooks/$id"),
  component: lazyRouteComponent(() => import("../pages/webhooks/webhook-page.tsx"), "WebhookPage"),
  validateSearch: requestSearch,
});

export const tellingRoutes = [alerts, alertSettings, webhooks, webhook] as const;
