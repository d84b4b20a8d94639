/** Domains that mail is sent from: their DKIM keys, and what DNS says about them. */
export { checkSendingDomain } from "./check-domain.ts";
export { isPublicAddress } from "./check-hosts.ts";
export { createDmarcLookup, type AskDmarc } from "./dmarc-lookup.ts";
export type { SendingFacts } from "./expectation.ts";
export { presentKey, readDomainName } from "./key-record.ts";
export { listDomains, loadDomain } from "./list-domains.ts";
export { registerDomainRoutes, type DomainDeps } from "./routes.ts";
export { generateKey, retireKey, saveSigningKey, type SigningKeyInput } from "./save-signing-key.ts";
export { loadSigner, loadSigningKeys, sealPlainKeys, signingKeysFor } from "./signing-keys.ts";
