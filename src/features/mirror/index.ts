/** The mail of one recipient as a web page. */
export { registerMirrorApi } from "./api.ts";
export type { RenderMirror } from "./open-mirror.ts";
export { registerMirrorRoutes } from "./routes.ts";
