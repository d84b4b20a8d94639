/** Folders: where templates and deliveries stand. */
export { type Condition, filterBy } from "./filter.ts";
export { registerFolderRoutes } from "./routes.ts";
export { checkFolder } from "./save-folder.ts";
