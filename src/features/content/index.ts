/** From what operators write to the manifest that messages are made from. */
export { checkContent, type ContentDeps } from "./check-content.ts";
export { loadEnvironment } from "./environment.ts";
export { encodeFiles, freezeManifest } from "./manifest-files.ts";
export { prepareContent, type Prepared } from "./prepare-content.ts";
export { type DeliveryContent } from "./read-parts.ts";
