/** Pages into the sandbox internet. */
export { registerSandboxRoutes, type SandboxDeps } from "./routes.ts";
