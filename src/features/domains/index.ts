/** Domains that mail is sent from: their DKIM keys, and what DNS says about them. */
export {
  generateKey,
  saveSigningKey,
  type GenerateSigningKey,
  type ReadSigningKey,
  type SigningKeyInput,
} from "./save-signing-key.ts";
export { loadSigningKeys, sealPlainKeys, signingKeysFor, type SigningKey } from "./signing-keys.ts";
