/** Addresses that receive nothing because they failed. */
export {
  type AddressError,
  recordAddressAnswers,
  recordAddressErrors,
  recordAddressSuccesses,
} from "./record-answers.ts";
export { releaseOutage } from "./release-outage.ts";
export { registerQuarantineRoutes } from "./routes.ts";
