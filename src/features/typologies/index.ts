/** Typologies: named sets of rules that deliveries are analysed by. */
export { factsOf, type Counts, type JudgedDelivery } from "./facts.ts";
export { checkTypology, typologyOf, withPool, type ChosenTypology } from "./load-typology.ts";
export { registerTypologyRoutes } from "./routes.ts";
