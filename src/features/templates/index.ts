/** Templates: named sets of content and settings that new deliveries copy. */
export { ensureBuiltInTemplate } from "./built-in.ts";
export { fillIn, layOver } from "./fill-in.ts";
export { registerTemplateProperties } from "./property-routes.ts";
export { registerTemplateRoutes } from "./routes.ts";
export { type Defaults, findTemplate } from "./store.ts";
