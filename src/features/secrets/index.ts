/** The key of the installation, and the keys that sign what stands in public links. */
export { openMasterKey } from "./open-master-key.ts";
export { loadTokenKeys, rotateTokenKey } from "./token-keys.ts";
