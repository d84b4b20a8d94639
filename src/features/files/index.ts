/** Files that go along with messages: attachments and embedded images. */
export { registerFileRoutes } from "./routes.ts";
export { removeUnusedFiles } from "./remove-file.ts";
export { saveFile } from "./save-file.ts";
export { describeFiles, loadFiles, type FileContent } from "./store.ts";
