/** Browsers that are signed in, everybody's or one operator's; each can be signed out. */
import { Button } from "@mantine/core";
import { IconDeviceLaptop } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { SignedInBrowser } from "../../../src/contract/operators.ts";
import { remove } from "../../api.ts";
import { ChoiceFilter } from "../../parts/choice-filter.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { Toolbar } from "../../parts/toolbar.tsx";
import { When } from "../../parts/when.tsx";
import { allOperatorsQuery, SESSIONS_KEY, sessionsQuery } from "../../queries-operators.ts";
import { AccessHead } from "./access-head.tsx";

const route = getRouteApi("/operators/sessions");
const column = columnsOf<SignedInBrowser>();

function sessionColumns(t: TFunction, end: (id: string) => void): Columns<SignedInBrowser> {
  return [
    column.display({
      id: "who",
      header: t("access.who"),
      meta: { width: "24%" },
      cell: ({ row: { original } }) =>
        original.token === null ? original.login : t("access.byToken", { label: original.token }),
    }),
    column.accessor("address", { header: t("access.address"), meta: { width: "130px", hide: "narrow" } }),
    column.accessor("userAgent", {
      header: t("access.browser"),
      meta: { hide: "medium" },
      cell: (info) => <span title={info.getValue()}>{info.getValue() || t("common.notKnown")}</span>,
    }),
    column.accessor("seenAt", {
      header: t("access.seen"),
      meta: { num: true, width: "116px" },
      cell: (info) => <When iso={info.getValue()} />,
    }),
    column.accessor("expiresAt", {
      header: t("access.ends"),
      meta: { num: true, width: "116px", hide: "narrow" },
      cell: (info) => <When iso={info.getValue()} />,
    }),
    column.display({
      id: "end",
      header: () => <span className="visually-hidden">{t("account.endSession")}</span>,
      meta: { num: true, width: "112px" },
      cell: ({ row: { original } }) =>
        original.current ? (
          <span className="muted">{t("account.thisBrowser")}</span>
        ) : (
          <Button
            variant="default"
            size="compact-xs"
            aria-label={`${t("account.endSession")}: ${original.login ?? original.token ?? ""}`}
            onClick={() => end(original.id)}
          >
            {t("account.endSession")}
          </Button>
        ),
    }),
  ];
}

export function Sessions() {
  const { t } = useTranslation();
  const { operator } = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const query = useInfiniteQuery(sessionsQuery(operator));
  const operators = useQuery(allOperatorsQuery).data?.data ?? [];
  const { mutate: end } = useMutation({
    mutationFn: (id: string) => remove(`/sessions/${encodeURIComponent(id)}`, null),
    onSettled: () => client.invalidateQueries({ queryKey: SESSIONS_KEY }),
    onError: useToldErrors(),
  });
  const columns = useMemo(() => sessionColumns(t, end), [t, end]);
  const rows = query.data?.pages.flatMap((page) => page.data);
  return (
    <>
      <AccessHead intro={t("access.sessionsIntro")} />
      <Toolbar>
        <ChoiceFilter
          label={t("access.operator")}
          width={240}
          value={operator}
          values={operators.map(({ id }) => id)}
          word={(id) => operators.find((each) => each.id === id)?.login ?? id}
          onChange={(id) => void navigate({ search: { operator: id }, replace: true })}
        />
      </Toolbar>
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("access.tab.sessions")}
          columns={columns}
          rows={rows}
          rowId={(row) => row.id}
          skeletons={4}
          empty={<Empty icon={IconDeviceLaptop} title={t("access.noSessions")} />}
        />
      )}
      <MoreRows query={query} shown={rows?.length ?? 0} />
    </>
  );
}
