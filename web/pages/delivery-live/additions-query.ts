/** What the additions of a delivery are called in the cache, and when one is offered. */
import type { Addition } from "../../../src/contract/additions.ts";
import type { Delivery } from "../../../src/contract/index.ts";
import { deliveryPath, pages } from "../../queries.ts";

export const additionsQuery = (id: string) =>
  pages<Addition>(["delivery", id, "additions"], `${deliveryPath(id)}/additions`);

const OPEN: readonly Delivery["state"][] = ["in-progress", "pausing", "paused", "finished"];

/** Proofs do not go on, nor do deliveries to the rows of a file, nor what is no longer valid. */
export const mayGoOn = ({ state, proof, audience, validUntil }: Delivery, now: number): boolean =>
  OPEN.includes(state) &&
  proof === undefined &&
  !("file" in audience) &&
  validUntil !== null &&
  Date.parse(validUntil) > now;
