/** Operators, groups, tokens, sessions and the audit log in the cache. */
import { infiniteQueryOptions } from "@tanstack/react-query";

import type { Page } from "../src/contract/index.ts";
import type { ApiToken, AuditLine, Operator, OperatorGroup, SignedInBrowser } from "../src/contract/operators.ts";
import type { SignInMethods, SignInSettings } from "../src/contract/sign-in-settings.ts";
import { get, query } from "./api.ts";
import { one, pages } from "./queries.ts";

export const browsersQuery = infiniteQueryOptions({
  queryKey: ["sessions", "own"],
  queryFn: ({ pageParam }) => get<Page<SignedInBrowser>>(`/sessions${query({ cursor: pageParam })}`),
  initialPageParam: "",
  getNextPageParam: ({ nextCursor }) => nextCursor,
});
export const SESSIONS_KEY = ["sessions"] as const;
/** Everybody's, or one operator's. */
export const sessionsQuery = (operator?: string) =>
  pages<SignedInBrowser>(
    [...SESSIONS_KEY, "all"],
    "/sessions",
    operator === undefined ? { all: "true" } : { operator },
  );

/** An act on an operator may change groups, and the other way round. */
export const OPERATORS_KEY = ["operators"] as const;
export const operatorsQuery = pages<Operator>([...OPERATORS_KEY, "list"], "/operators");
export const operatorPath = (id: string) => `/operators/${encodeURIComponent(id)}`;
export const operatorQuery = (id: string) => one<Operator>([...OPERATORS_KEY, "one", id], operatorPath(id));

const all = query({ limit: 1000 });
/** For choosing from: those that fit on one page. */
export const allOperatorsQuery = one<Page<Operator>>([...OPERATORS_KEY, "all"], `/operators${all}`);
export const groupsQuery = one<Page<OperatorGroup>>([...OPERATORS_KEY, "groups"], `/operator-groups${all}`);
export const groupPath = (id: string) => `/operator-groups/${encodeURIComponent(id)}`;
export const groupQuery = (id: string) => one<OperatorGroup>([...OPERATORS_KEY, "group", id], groupPath(id));

export const signInMethodsQuery = one<SignInMethods>(["sign-in", "methods"], "/session/methods");
export const SIGN_IN_PATH = "/settings/sign-in";
export const signInSettingsQuery = one<SignInSettings>(["sign-in", "settings"], SIGN_IN_PATH);

export const tokensQuery = pages<ApiToken>(["tokens"], "/tokens");
export const tokenPath = (id: string) => `/tokens/${encodeURIComponent(id)}`;

export type AuditFilter = {
  actor?: string | undefined;
  resource?: string | undefined;
  id?: string | undefined;
  action?: string | undefined;
  address?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
};
export const auditLogQuery = (filter: AuditFilter) => pages<AuditLine>(["audit"], "/audit", filter);
