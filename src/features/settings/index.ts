/** Settings of the whole platform: organisation, language, addresses, format rules. */
export { registerSettingsRoutes } from "./routes.ts";
export { loadSettings } from "./store.ts";
