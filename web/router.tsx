/** Every route of the app in one place. Filters are search parameters, so a reload or a shared address shows the same rows. */
import { createRootRoute, createRoute, createRouter, redirect } from "@tanstack/react-router";

import { ArchivePage } from "./pages/archive/archive-page.tsx";
import { Archive } from "./pages/archive/archive.tsx";
import { copySearch } from "./pages/archive/view-model.ts";
import { BlockPage } from "./pages/blocks/block-page.tsx";
import { Blocks } from "./pages/blocks/blocks.tsx";
import { Deliveries } from "./pages/deliveries/deliveries.tsx";
import { DeliveryContent } from "./pages/delivery-content/delivery-content.tsx";
import { NewDelivery } from "./pages/delivery-content/new-delivery.tsx";
import { DeliveryLive } from "./pages/delivery-live/delivery-live.tsx";
import { DeliveryFrame } from "./pages/delivery/delivery-frame.tsx";
import { DomainPage } from "./pages/domains/domain-page.tsx";
import { Domains } from "./pages/domains/domains.tsx";
import { Exclusions } from "./pages/exclusions/exclusions.tsx";
import { exclusionSearch } from "./pages/exclusions/view-model.ts";
import { Imports } from "./pages/imports/imports.tsx";
import { LatestMessages } from "./pages/message-log/latest-messages.tsx";
import { MessageLog } from "./pages/message-log/message-log.tsx";
import { logSearch } from "./pages/message-log/view-model.ts";
import { MxRules } from "./pages/mx-rules/mx-rules.tsx";
import { RulePage } from "./pages/mx-rules/rule-page.tsx";
import { ruleSearch } from "./pages/mx-rules/view-model.ts";
import { Quarantine } from "./pages/quarantine/quarantine.tsx";
import { quarantineSearch } from "./pages/quarantine/view-model.ts";
import { Sandbox } from "./pages/sandbox/sandbox.tsx";
import { sandboxSearch } from "./pages/sandbox/view-model.ts";
import { ShapingEvents } from "./pages/sending/events.tsx";
import { Lanes } from "./pages/sending/lanes.tsx";
import { eventSearch, laneSearch } from "./pages/sending/view-model.ts";
import { Settings } from "./pages/settings/settings.tsx";
import { PoolPage } from "./pages/sources/pool-page.tsx";
import { SourcePage } from "./pages/sources/source-page.tsx";
import { Sources } from "./pages/sources/sources.tsx";
import { warmUpSearch } from "./pages/sources/view-model.ts";
import { WarmUp } from "./pages/sources/warm-up.tsx";
import { TemplatePage } from "./pages/templates/template-page.tsx";
import { Templates } from "./pages/templates/templates.tsx";
import { Unsubscriptions } from "./pages/unsubscriptions/unsubscriptions.tsx";
import { Crash, NotFound } from "./parts/crash.tsx";
import { Shell } from "./parts/shell.tsx";
import { text } from "./search.ts";

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });
const at = <const P extends string>(path: P) => ({ getParentRoute: () => root, path });

const home = createRoute({
  ...at("/"),
  beforeLoad: () => {
    throw redirect({ to: "/deliveries", replace: true });
  },
});
const deliveries = createRoute({ ...at("/deliveries"), component: Deliveries });
const newDelivery = createRoute({
  ...at("/deliveries/new"),
  component: NewDelivery,
  validateSearch: (
    search: Record<string, unknown>,
  ): { import?: string | undefined; template?: string | undefined } => ({
    import: text(search["import"]),
    template: text(search["template"]),
  }),
});
const delivery = createRoute({ ...at("/deliveries/$id"), component: DeliveryFrame });
const inDelivery = <const P extends string>(path: P) => ({ getParentRoute: () => delivery, path });
const live = createRoute({ ...inDelivery("/"), component: DeliveryLive });
const messages = createRoute({ ...inDelivery("/messages"), component: MessageLog, validateSearch: logSearch });
const exclusions = createRoute({
  ...inDelivery("/exclusions"),
  component: Exclusions,
  validateSearch: exclusionSearch,
});
const content = createRoute({
  ...inDelivery("/content"),
  component: DeliveryContent,
  validateSearch: (search: Record<string, unknown>): { preview?: boolean | undefined } => ({
    preview: search["preview"] === true || undefined,
  }),
});
const latestMessages = createRoute({
  ...at("/messages"),
  component: LatestMessages,
  validateSearch: (search: Record<string, unknown>): { message?: string | undefined } => ({
    message: text(search["message"]),
  }),
});
const imports = createRoute({
  ...at("/imports"),
  component: Imports,
  validateSearch: (search: Record<string, unknown>): { errors?: string | undefined } => ({
    errors: text(search["errors"]),
  }),
});
const sandbox = createRoute({ ...at("/sandbox"), component: Sandbox, validateSearch: sandboxSearch });
const quarantine = createRoute({ ...at("/quarantine"), component: Quarantine, validateSearch: quarantineSearch });
const unsubscriptions = createRoute({
  ...at("/unsubscriptions"),
  component: Unsubscriptions,
  validateSearch: quarantineSearch,
});
const templates = createRoute({ ...at("/templates"), component: Templates });
const template = createRoute({ ...at("/templates/$id"), component: TemplatePage });
const blocks = createRoute({ ...at("/blocks"), component: Blocks });
const block = createRoute({ ...at("/blocks/$name"), component: BlockPage });
const archive = createRoute({ ...at("/archive"), component: Archive, validateSearch: copySearch });
const oneArchive = createRoute({ ...at("/archive/$id"), component: ArchivePage });
const lanes = createRoute({ ...at("/sending"), component: Lanes, validateSearch: laneSearch });
const shapingEvents = createRoute({ ...at("/sending/events"), component: ShapingEvents, validateSearch: eventSearch });
const mxRules = createRoute({ ...at("/sending/rules"), component: MxRules, validateSearch: ruleSearch });
const mxRule = createRoute({ ...at("/sending/rules/$id"), component: RulePage });
const sources = createRoute({ ...at("/sending/sources"), component: Sources });
const source = createRoute({ ...at("/sending/sources/$id"), component: SourcePage });
const pool = createRoute({ ...at("/sending/pools/$id"), component: PoolPage });
const warmUp = createRoute({ ...at("/sending/warm-up"), component: WarmUp, validateSearch: warmUpSearch });
const domains = createRoute({ ...at("/domains"), component: Domains });
const domain = createRoute({ ...at("/domains/$name"), component: DomainPage });
const settings = createRoute({ ...at("/settings"), component: Settings });

const routeTree = root.addChildren([
  home,
  deliveries,
  newDelivery,
  delivery.addChildren([live, messages, exclusions, content]),
  latestMessages,
  imports,
  sandbox,
  quarantine,
  unsubscriptions,
  templates,
  template,
  blocks,
  block,
  archive,
  oneArchive,
  lanes,
  shapingEvents,
  mxRules,
  mxRule,
  sources,
  source,
  pool,
  warmUp,
  domains,
  domain,
  settings,
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
