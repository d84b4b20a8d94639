/** Proofs: what some readers get of a delivery before anybody else does. */
export { registerProofRoutes } from "./routes.ts";
export { forgetProofPeople } from "./store.ts";
