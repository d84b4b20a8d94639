/** The audience: recipients, the lists they are in, and the files they come from. */
export { denylist } from "./denylist.ts";
export { ERASED_ADDRESS } from "./erase-store.ts";
export { cleanUpImports, importFile, startImport } from "./import-file.ts";
export { type ImportSource, readCsv } from "./read-csv.ts";
export { registerAudienceRoutes } from "./routes.ts";
export { countRecipients, getImport, liftDenylisting, listImportErrors, listImports, listRecipients } from "./store.ts";
