/** The audience: recipients with their attributes, the lists they are in, and the files they come from. */
export { attributeSql } from "./attribute-sql.ts";
export { loadAttributeSchema } from "./attribute-store.ts";
export { upsertWithin } from "./change-recipients.ts";
export { denylist } from "./denylist.ts";
export { ERASED_ADDRESS } from "../../core/audience/erased.ts";
export { forgetFileOf, forgetFiles } from "./file-rows-store.ts";
export { cleanUpImports, importFile, startImport } from "./import-file.ts";
export { type ImportSource, readCsv } from "./read-csv.ts";
export { registerAudienceRoutes } from "./routes.ts";
export { countRecipients, getImport, liftDenylisting, listImportErrors, listImports, listRecipients } from "./store.ts";
export { forgetImports } from "./undo-import.ts";
export { workAudience } from "./work.ts";
