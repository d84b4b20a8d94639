/** Whether this installation may send: a copy of another one may not, until a person says so. */
export { type Held, holdCopy } from "./hold-copy.ts";
export { holdInstallation, releaseInstallation } from "./release.ts";
export { recogniseCopy } from "./recognise-copy.ts";
export { registerInstallationRoutes } from "./routes.ts";
export { loadInstallation } from "./store.ts";
