/** What the pages about one's own account ask for. */
import { infiniteQueryOptions } from "@tanstack/react-query";

import type { Page } from "../src/contract/index.ts";
import type { SignedInBrowser } from "../src/contract/operators.ts";
import { get, query } from "./api.ts";

export const browsersQuery = infiniteQueryOptions({
  queryKey: ["sessions"],
  queryFn: ({ pageParam }) => get<Page<SignedInBrowser>>(`/sessions${query({ cursor: pageParam })}`),
  initialPageParam: "",
  getNextPageParam: ({ nextCursor }) => nextCursor,
});
