/** Files that go along with messages: attachments and embedded images. */
export { encodeFiles, toBase64 } from "./encode-files.ts";
export { registerFileRoutes } from "./routes.ts";
export { removeUnusedFiles } from "./remove-file.ts";
export { saveFile } from "./save-file.ts";
export { describeFiles, loadFiles, type FileContent } from "./store.ts";
