export { saveSigningKey, type SigningKeyInput } from "./save-signing-key.ts";
