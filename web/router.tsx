/**
 * Every route of the app; those of large parts are in routes/. Filters are search parameters, so a reload or a shared address shows the same rows.
 * Pages are fetched when somebody goes there: the first screen waits for no other's code.
 */
import { createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";

import { copySearch } from "./pages/archive/view-model.ts";
import { newRuleSearch, rulesSearch } from "./pages/bounce-rules/view-model.ts";
import { deliverySearch } from "./pages/deliveries/view-model.ts";
import { exclusionSearch } from "./pages/exclusions/view-model.ts";
import { inboundSearch } from "./pages/inbound-mails/view-model.ts";
import { logSearch } from "./pages/message-log/view-model.ts";
import { addressSearch, quarantineSearch } from "./pages/quarantine/view-model.ts";
import { textSearch } from "./pages/reply-texts/view-model.ts";
import { sandboxSearch } from "./pages/sandbox/view-model.ts";
import { singleSearch } from "./pages/single-messages/view-model.ts";
import { Crash } from "./parts/crash.tsx";
import { accessRoutes } from "./routes/access.ts";
import { audienceRoutes } from "./routes/audience.ts";
import { at, root } from "./routes/root.ts";
import { sendingRoutes } from "./routes/sending.ts";
import { seriesRoutes } from "./routes/series.ts";
import { tellingRoutes } from "./routes/telling.ts";
import { text } from "./search.ts";

const home = createRoute({
  ...at("/"),
  beforeLoad: () => {
    throw redirect({ to: "/deliveries", replace: true });
  },
});
const deliveries = createRoute({
  ...at("/deliveries"),
  component: lazyRouteComponent(() => import("./pages/deliveries/deliveries.tsx"), "Deliveries"),
  validateSearch: deliverySearch,
});
const newDelivery = createRoute({
  ...at("/deliveries/new"),
  component: lazyRouteComponent(() => import("./pages/delivery-content/new-delivery.tsx"), "NewDelivery"),
  validateSearch: (
    search: Record<string, unknown>,
  ): { import?: string | undefined; file?: string | undefined; template?: string | undefined } => ({
    import: text(search["import"]),
    file: text(search["file"]),
    template: text(search["template"]),
  }),
});
const delivery = createRoute({
  ...at("/deliveries/$id"),
  component: lazyRouteComponent(() => import("./pages/delivery/delivery-frame.tsx"), "DeliveryFrame"),
});
const inDelivery = <const P extends string>(path: P) => ({ getParentRoute: () => delivery, path });
const live = createRoute({
  ...inDelivery("/"),
  component: lazyRouteComponent(() => import("./pages/delivery-live/delivery-live.tsx"), "DeliveryLive"),
});
const messages = createRoute({
  ...inDelivery("/messages"),
  component: lazyRouteComponent(() => import("./pages/message-log/message-log.tsx"), "MessageLog"),
  validateSearch: logSearch,
});
const exclusions = createRoute({
  ...inDelivery("/exclusions"),
  component: lazyRouteComponent(() => import("./pages/exclusions/exclusions.tsx"), "Exclusions"),
  validateSearch: exclusionSearch,
});
const content = createRoute({
  ...inDelivery("/content"),
  component: lazyRouteComponent(() => import("./pages/delivery-content/delivery-content.tsx"), "DeliveryContent"),
  validateSearch: (search: Record<string, unknown>): { preview?: boolean | undefined } => ({
    preview: search["preview"] === true || undefined,
  }),
});
const start = createRoute({
  ...inDelivery("/start"),
  component: lazyRouteComponent(() => import("./pages/delivery-start/delivery-start.tsx"), "DeliveryStart"),
});
const deliveryProperties = createRoute({
  ...inDelivery("/properties"),
  component: lazyRouteComponent(() => import("./pages/properties/delivery-properties.tsx"), "DeliveryProperties"),
});
const latestMessages = createRoute({
  ...at("/messages"),
  component: lazyRouteComponent(() => import("./pages/message-log/latest-messages.tsx"), "LatestMessages"),
  validateSearch: (search: Record<string, unknown>): { message?: string | undefined } => ({
    message: text(search["message"]),
  }),
});
const singleMessages = createRoute({
  ...at("/single-messages"),
  component: lazyRouteComponent(() => import("./pages/single-messages/single-messages.tsx"), "SingleMessages"),
  validateSearch: singleSearch,
});
const imports = createRoute({
  ...at("/imports"),
  component: lazyRouteComponent(() => import("./pages/imports/imports.tsx"), "Imports"),
  validateSearch: (search: Record<string, unknown>): { errors?: string | undefined } => ({
    errors: text(search["errors"]),
  }),
});
const sandbox = createRoute({
  ...at("/sandbox"),
  component: lazyRouteComponent(() => import("./pages/sandbox/sandbox.tsx"), "Sandbox"),
  validateSearch: sandboxSearch,
});
const quarantine = createRoute({
  ...at("/quarantine"),
  component: lazyRouteComponent(() => import("./pages/quarantine/quarantine.tsx"), "Quarantine"),
  validateSearch: quarantineSearch,
});
const allowlist = createRoute({
  ...at("/quarantine/allowlist"),
  component: lazyRouteComponent(() => import("./pages/quarantine/allowlist.tsx"), "Allowlist"),
});
const inboundMails = createRoute({
  ...at("/inbound-mails"),
  component: lazyRouteComponent(() => import("./pages/inbound-mails/inbound-mails.tsx"), "InboundMails"),
  validateSearch: inboundSearch,
});
const replyTexts = createRoute({
  ...at("/reply-texts"),
  component: lazyRouteComponent(() => import("./pages/reply-texts/reply-texts.tsx"), "ReplyTexts"),
  validateSearch: textSearch,
});
const requalifications = createRoute({
  ...at("/requalifications"),
  component: lazyRouteComponent(() => import("./pages/reply-texts/requalifications.tsx"), "Requalifications"),
});
const bounceRules = createRoute({
  ...at("/bounce-rules"),
  component: lazyRouteComponent(() => import("./pages/bounce-rules/bounce-rules.tsx"), "BounceRules"),
  validateSearch: rulesSearch,
});
const bounceRule = createRoute({
  ...at("/bounce-rules/$id"),
  component: lazyRouteComponent(() => import("./pages/bounce-rules/rule-page.tsx"), "BounceRulePage"),
  validateSearch: newRuleSearch,
});
const mailboxes = createRoute({
  ...at("/inbound-mails/mailboxes"),
  component: lazyRouteComponent(() => import("./pages/mailboxes/mailboxes.tsx"), "Mailboxes"),
});
const mailbox = createRoute({
  ...at("/inbound-mails/mailboxes/$id"),
  component: lazyRouteComponent(() => import("./pages/mailboxes/mailbox-page.tsx"), "MailboxPage"),
});
const unsubscriptions = createRoute({
  ...at("/unsubscriptions"),
  component: lazyRouteComponent(() => import("./pages/unsubscriptions/unsubscriptions.tsx"), "Unsubscriptions"),
  validateSearch: addressSearch,
});
const templates = createRoute({
  ...at("/templates"),
  component: lazyRouteComponent(() => import("./pages/templates/templates.tsx"), "Templates"),
  validateSearch: (search: Record<string, unknown>): { folder?: string | undefined } => ({
    folder: text(search["folder"]),
  }),
});
const template = createRoute({
  ...at("/templates/$id"),
  component: lazyRouteComponent(() => import("./pages/templates/template-page.tsx"), "TemplatePage"),
});
const typologies = createRoute({
  ...at("/typologies"),
  component: lazyRouteComponent(() => import("./pages/typologies/typologies.tsx"), "Typologies"),
});
const typology = createRoute({
  ...at("/typologies/$id"),
  component: lazyRouteComponent(() => import("./pages/typologies/typology-page.tsx"), "TypologyPage"),
});
const templateProperties = createRoute({
  ...at("/templates/$id/properties"),
  component: lazyRouteComponent(() => import("./pages/properties/template-properties.tsx"), "TemplateProperties"),
});
const blocks = createRoute({
  ...at("/blocks"),
  component: lazyRouteComponent(() => import("./pages/blocks/blocks.tsx"), "Blocks"),
});
const block = createRoute({
  ...at("/blocks/$name"),
  component: lazyRouteComponent(() => import("./pages/blocks/block-page.tsx"), "BlockPage"),
});
const archive = createRoute({
  ...at("/archive"),
  component: lazyRouteComponent(() => import("./pages/archive/archive.tsx"), "Archive"),
  validateSearch: copySearch,
});
const oneArchive = createRoute({
  ...at("/archive/$id"),
  component: lazyRouteComponent(() => import("./pages/archive/archive-page.tsx"), "ArchivePage"),
});
const domains = createRoute({
  ...at("/domains"),
  component: lazyRouteComponent(() => import("./pages/domains/domains.tsx"), "Domains"),
});
const domain = createRoute({
  ...at("/domains/$name"),
  component: lazyRouteComponent(() => import("./pages/domains/domain-page.tsx"), "DomainPage"),
});
const account = createRoute({
  ...at("/account"),
  component: lazyRouteComponent(() => import("./pages/account/account.tsx"), "Account"),
});
const services = createRoute({
  ...at("/services"),
  component: lazyRouteComponent(() => import("./pages/services/services.tsx"), "Services"),
});
const service = createRoute({
  ...at("/services/$id"),
  component: lazyRouteComponent(() => import("./pages/services/service-page.tsx"), "ServicePage"),
});
const settings = createRoute({
  ...at("/settings"),
  component: lazyRouteComponent(() => import("./pages/settings/settings.tsx"), "Settings"),
});

const routeTree = root.addChildren([
  home,
  deliveries,
  newDelivery,
  delivery.addChildren([live, messages, exclusions, content, deliveryProperties, start]),
  ...seriesRoutes,
  latestMessages,
  singleMessages,
  imports,
  sandbox,
  quarantine,
  allowlist,
  inboundMails,
  mailboxes,
  mailbox,
  unsubscriptions,
  replyTexts,
  requalifications,
  bounceRules,
  bounceRule,
  templates,
  template,
  templateProperties,
  typologies,
  typology,
  blocks,
  block,
  archive,
  oneArchive,
  ...sendingRoutes,
  domains,
  domain,
  ...audienceRoutes,
  services,
  service,
  ...accessRoutes,
  ...tellingRoutes,
  settings,
  account,
]);

export const router = createRouter({
  routeTree,
  defaultErrorComponent: Crash,
  defaultPreload: false,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
