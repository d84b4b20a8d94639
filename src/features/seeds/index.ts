/** Seed addresses: mailboxes of our own that deliveries go to besides their recipients. */
export { registerSeedRoutes } from "./routes.ts";
