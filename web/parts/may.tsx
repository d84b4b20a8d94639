/** What whoever is signed in may do: what they may not is not offered. The server decides; this only keeps dead buttons away. */
import { useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import type { ReactNode } from "react";

import type { Right } from "../../src/contract/operators.ts";
import { sessionQuery } from "../queries.ts";
import { isIn, needsOf, type Rights } from "./places.ts";

const NONE: Rights = [];

export function useRights(): Rights {
  const session = useQuery(sessionQuery).data;
  return session === null || session === undefined ? NONE : session.rights;
}

export function useMay(): (right: Right) => boolean {
  const rights = useRights();
  return (right) => isIn(rights, right);
}

/** Whether they may change what is on the page that is open. */
export function useMayWrite(): boolean {
  const rights = useRights();
  return isIn(rights, needsOf(useLocation().pathname)?.write);
}

/** Buttons of an act; `right` left out: of changing what this page shows. */
export function May({ right, children }: { right?: Right; children: ReactNode }) {
  const may = useMay();
  const mayWrite = useMayWrite();
  return (right === undefined ? mayWrite : may(right)) ? children : null;
}
