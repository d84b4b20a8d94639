/** Addresses that receive nothing because they failed. */
export { registerQuarantineRoutes } from "./routes.ts";
