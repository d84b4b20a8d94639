/** From what operators write to the manifest that messages are made from. */
export { checkContent, readContent, type ContentDeps, type ReadContent } from "./check-content.ts";
export { loadEnvironment } from "./environment.ts";
export { findImages, type FoundImage } from "./html/find-images.ts";
export { encodeAttachments, freezeManifest } from "./manifest-files.ts";
export { prepareContent } from "./prepare-content.ts";
export { type DeliveryContent } from "./read-parts.ts";
