/** What the page about the start of a delivery asks for. */
import type { Delivery, Page, Proof } from "../../../src/contract/index.ts";
import type { QueryClient } from "@tanstack/react-query";

import { deliveryPath, deliveryQuery, one } from "../../queries.ts";

type Name = { id: string; name: string };

/** Whom one may ask for an approval. */
export const namesQuery = one<{ operators: Name[]; groups: Name[] }>(["operators", "names"], "/operators/names");

export const proofsQuery = (id: string) =>
  one<Page<Proof>>(["delivery", id, "proofs"], `${deliveryPath(id)}/proofs?limit=100`);

/** Answers to acts do not say again what is wrong with a content that they did not change. */
export function takeAnswer(client: QueryClient, answer: Delivery): void {
  client.setQueryData(deliveryQuery(answer.id).queryKey, (before: Delivery | undefined) =>
    before?.contentProblems === undefined || before.version !== answer.version
      ? answer
      : { contentProblems: before.contentProblems, ...answer },
  );
}
