/** Looking at a delivery before it is sent. */
export { registerPreviewRoutes } from "./routes.ts";
