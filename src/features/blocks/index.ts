/** Personalisation blocks: named pieces of content, built in or the operator's own, each with an HTML and a text variant. */
export { loadBlockSources, listBlockNames, type BlockLookup } from "./block-sources.ts";
export { readTemplate, type ReadOptions } from "./read-template.ts";
export { registerBlockRoutes } from "./routes.ts";
