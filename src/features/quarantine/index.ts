/** Addresses that receive nothing because they failed. */
export { denylist, releaseAddresses } from "./change-by-hand.ts";
export { forgetAnswers } from "./forget-answers.ts";
export {
  type AddressError,
  recordAddressAnswers,
  recordAddressErrors,
  recordAddressSuccesses,
  recordRequalifiedErrors,
} from "./record-answers.ts";
export { releaseOutage } from "./release-outage.ts";
export { registerQuarantineRoutes } from "./routes.ts";
export { changeReasons, lockSnapshots, restoreSnapshots, type Snapshot } from "./snapshot-store.ts";
export { loadNewQuarantines } from "./store.ts";
