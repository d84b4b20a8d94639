/** What somebody must look at now, and what that was. */
import { Button } from "@mantine/core";
import {
  IconAlertTriangle,
  IconBell,
  IconCircleCheck,
  IconCircleX,
  IconInfoCircle,
  type Icon,
} from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { Alert } from "../../../src/contract/alerts.ts";
import { post } from "../../api.ts";
import { Badge } from "../../parts/badge.tsx";
import { ChoiceFilter } from "../../parts/choice-filter.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { useMayWrite } from "../../parts/may.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { Toolbar } from "../../parts/toolbar.tsx";
import { When } from "../../parts/when.tsx";
import { alertsQuery } from "../../queries-telling.ts";
import type { Tone } from "../../tones.ts";
import { TellingHead } from "./telling-head.tsx";
import { ALERT_STATES } from "./view-model.ts";

const route = getRouteApi("/alerts");
const column = columnsOf<Alert>();
const EVERY_MS = 15_000;

const LOOK: Record<Alert["level"], { tone: Tone; icon: Icon }> = {
  error: { tone: "failed", icon: IconCircleX },
  warning: { tone: "retry", icon: IconAlertTriangle },
  info: { tone: "paused", icon: IconInfoCircle },
};

function AlertBadge({ alert: { level, resolvedAt } }: { alert: Alert }) {
  const { t } = useTranslation();
  if (resolvedAt !== null) return <Badge tone="sent" icon={IconCircleCheck} word={t("alerts.resolved")} />;
  return <Badge {...LOOK[level]} word={t(`alerts.level.${level}`)} />;
}

function alertColumns(t: TFunction, acknowledge: ((id: string) => void) | null): Columns<Alert> {
  const dash = <span className="muted">–</span>;
  return [
    column.display({
      id: "level",
      header: t("alerts.state"),
      meta: { width: "120px" },
      cell: ({ row: { original } }) => <AlertBadge alert={original} />,
    }),
    column.display({
      id: "kind",
      header: t("alerts.what"),
      meta: { width: "20%", hide: "medium" },
      cell: ({ row: { original } }) => t(`alerts.kind.${original.kind}`),
    }),
    column.accessor("message", {
      header: t("alerts.message"),
      cell: ({ row: { original } }) =>
        original.deliveryId === null ? (
          original.message
        ) : (
          <Link data-row-link to="/deliveries/$id" params={{ id: original.deliveryId }}>
            {original.message}
          </Link>
        ),
    }),
    column.accessor("raisedAt", {
      header: t("alerts.since"),
      meta: { num: true, width: "120px" },
      cell: (info) => <When iso={info.getValue()} />,
    }),
    column.accessor("resolvedAt", {
      header: t("alerts.until"),
      meta: { num: true, width: "120px", hide: "narrow" },
      cell: (info) => {
        const at = info.getValue();
        return at === null ? dash : <When iso={at} />;
      },
    }),
    column.display({
      id: "acknowledged",
      header: t("alerts.care"),
      meta: { width: "150px", hide: "narrow" },
      cell: ({ row: { original } }) => {
        const { acknowledgedBy, resolvedAt, id } = original;
        if (acknowledgedBy !== null) return <span title={acknowledgedBy}>{acknowledgedBy}</span>;
        if (resolvedAt !== null || acknowledge === null) return dash;
        return (
          <Button size="compact-xs" variant="default" onClick={() => acknowledge(id)}>
            {t("alerts.acknowledge")}
          </Button>
        );
      },
    }),
  ];
}

export function Alerts() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const mayWrite = useMayWrite();
  const query = useInfiniteQuery({ ...alertsQuery(search.state), refetchInterval: EVERY_MS });
  const { mutate } = useMutation({
    mutationFn: (id: string) => post<Alert>(`/alerts/${encodeURIComponent(id)}/actions/acknowledge`),
    onSettled: () => client.invalidateQueries({ queryKey: ["alerts"] }),
    onError: useToldErrors(),
  });
  const columns = useMemo(() => alertColumns(t, mayWrite ? mutate : null), [t, mutate, mayWrite]);
  const rows = query.data?.pages.flatMap((page) => page.data);
  return (
    <>
      <TellingHead intro={t("alerts.intro")} />
      <Toolbar>
        <ChoiceFilter
          label={t("alerts.state")}
          width={170}
          value={search.state}
          values={ALERT_STATES}
          word={(value) => t(`alerts.${value}`)}
          onChange={(state) => void navigate({ search: { state }, replace: true })}
        />
      </Toolbar>
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("alerts.title")}
          columns={columns}
          rows={rows}
          rowId={(row) => row.id}
          wrap
          skeletons={3}
          empty={<Empty icon={IconBell} title={t("alerts.emptyTitle")} text={t("alerts.emptyText")} />}
        />
      )}
      <MoreRows query={query} shown={rows?.length ?? 0} />
    </>
  );
}
