/** Addresses that receive nothing because they failed. */
export { denylist } from "./change-by-hand.ts";
export { forgetAnswers } from "./guard-store.ts";
export {
  type AddressError,
  recordAddressAnswers,
  recordAddressErrors,
  recordAddressSuccesses,
} from "./record-answers.ts";
export { releaseOutage } from "./release-outage.ts";
export { registerQuarantineRoutes } from "./routes.ts";
export { loadNewQuarantines } from "./store.ts";
