/** Routes of people, lists, attributes, segments, and the mapping of an imported file. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";

import { recipientSearch } from "../pages/recipients/view-model.ts";
import { text } from "../search.ts";
import { at } from "./root.ts";

const recipients = createRoute({
  ...at("/recipients"),
  component: lazyRouteComponent(() => import("../pages/recipients/recipients.tsx"), "Recipients"),
  validateSearch: recipientSearch,
});
const recipient = createRoute({
  ...at("/recipients/$id"),
  component: lazyRouteComponent(() => import("../pages/recipients/recipient-page.tsx"), "RecipientPage"),
});
const lists = createRoute({
  ...at("/lists"),
  component: lazyRouteComponent(() => import("../pages/recipients/lists.tsx"), "Lists"),
});
const list = createRoute({
  ...at("/lists/$id"),
  component: lazyRouteComponent(() => import("../pages/recipients/list-page.tsx"), "ListPage"),
});
const attributes = createRoute({
  ...at("/attributes"),
  component: lazyRouteComponent(() => import("../pages/recipients/attributes.tsx"), "Attributes"),
  validateSearch: (
    search: Record<string, unknown>,
  ): { attribute?: string | undefined; declare?: boolean | undefined } => ({
    attribute: text(search["attribute"]),
    declare: search["declare"] === true || undefined,
  }),
});
const importWizard = createRoute({
  ...at("/imports/new"),
  component: lazyRouteComponent(() => import("../pages/imports/import-wizard.tsx"), "ImportWizard"),
});
const segments = createRoute({
  ...at("/segments"),
  component: lazyRouteComponent(() => import("../pages/segments/segments.tsx"), "Segments"),
});
const segment = createRoute({
  ...at("/segments/$id"),
  component: lazyRouteComponent(() => import("../pages/segments/segment-page.tsx"), "SegmentPage"),
});

export const audienceRoutes = [
  recipients,
  recipient,
  lists,
  list,
  attributes,
  importWizard,
  segments,
  segment,
] as const;
