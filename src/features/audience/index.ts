/** The audience: recipients, the lists they are in, and the files they come from. */
export { denylist } from "./denylist.ts";
export { cleanUpImports, importFile, startImport, type ImportOptions, type ImportProgress } from "./import-file.ts";
export type { ImportSource } from "./read-csv.ts";
export { registerAudienceRoutes, type AudienceDeps } from "./routes.ts";
export {
  countRecipients,
  getImport,
  listImportErrors,
  listImports,
  listRecipients,
  type PageRequest,
  type Recipient,
} from "./store.ts";
