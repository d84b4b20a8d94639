/** Deliveries as things that people create, edit and steer. */
export { endAddition, lockAddition, type AdditionRow } from "./additions-store.ts";
export { joinAdded, requireOpen, type Added } from "./continue-delivery.ts";
export { askAfterAnalysis, mayStart } from "./approvals.ts";
export { remindReviewers } from "./ask-reviewers.ts";
export { checkDelivery, checkFields, refuse, refuseField, withHeaderLines } from "./check-delivery.ts";
export { withoutEmpty } from "./without-empty.ts";
export { chooseCopies, withdrawCopies } from "./copies.ts";
export { createDelivery, createInside } from "./create-delivery.ts";
export { copyDelivery, requireCampaign } from "./duplicate-delivery.ts";
export { refuseUnknown } from "./properties.ts";
export { presentGeneral, presentIndicators, readValidity, type PartSums } from "./present.ts";
export { registerDeliveryRoutes, type DeliveryDeps } from "./routes.ts";
export {
  findDeliveryWithManifest,
  listEvents,
  readDelivery,
  SUMS,
  SUMS_OF_PARTS,
  type DeliveryWithManifest,
} from "./store.ts";
export { listDeliveries, loadDeliveryFigures } from "./load-figures.ts";
export {
  holdDelivery,
  pauseDelivery,
  resumeDelivery,
  settleDelivery,
  stopDelivery,
  stopOverdue,
} from "./lifecycle.ts";
export { confirmDelivery, startDue, startNow } from "./start-delivery.ts";
export { CONTROL_CHANNEL } from "./transition.ts";
