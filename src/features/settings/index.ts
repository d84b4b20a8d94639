/** Settings of the whole platform: organisation, language, addresses, format rules. */
export { registerSettingsRoutes } from "./routes.ts";
export { senderAddressOf } from "./sender-sql.ts";
export { loadSettings } from "./store.ts";
