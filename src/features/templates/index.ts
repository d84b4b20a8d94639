/** Templates: named sets of content and settings that new deliveries copy. */
export { ensureBuiltInTemplate } from "./built-in.ts";
export { fillIn } from "./fill-in.ts";
export { registerTemplateRoutes } from "./routes.ts";
