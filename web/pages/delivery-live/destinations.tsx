/** One row for each recipient domain: its share of the bar, its figures, and the last thing its servers said. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { IconPlugConnected } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { Destination, MessageStatus } from "../../../src/contract/index.ts";
import type { Formats } from "../../format.ts";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { StackedBar } from "../../parts/stacked-bar.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { destinationsQuery } from "../../queries.ts";
import { destinationParts, waitingOf } from "./view-model.ts";

const column = columnsOf<Destination>();

function destinationColumns(t: TFunction, formats: Formats, id: string): Columns<Destination> {
  const count = (
    name: "sent" | "retrying" | "waiting" | "failed",
    status: MessageStatus,
    of: (row: Destination) => number,
  ) =>
    column.display({
      id: name,
      header: t(`part.${name}`),
      meta: {
        num: true,
        width: "78px",
        ...(name === "retrying" || name === "waiting" ? { hide: "narrow" as const } : {}),
      },
      cell: ({ row: { original } }) => (
        <Link
          className="door"
          to="/deliveries/$id/messages"
          params={{ id }}
          search={{ domain: original.domain, status }}
        >
          {formats.int(of(original))}
        </Link>
      ),
    });
  return [
    column.accessor("domain", {
      header: t("live.destination"),
      meta: { width: "22%" },
      cell: ({ row: { original } }) => (
        <Link
          className={rowLinkClass}
          data-row-link
          to="/deliveries/$id/messages"
          params={{ id }}
          search={{ domain: original.domain }}
          title={original.domain}
        >
          {original.domain}
        </Link>
      ),
    }),
    column.display({
      id: "bar",
      header: t("deliveries.col.progress"),
      meta: { width: "12%", hide: "medium" },
      cell: ({ row: { original } }) => <StackedBar slim parts={destinationParts(original)} />,
    }),
    column.accessor("toDeliver", {
      header: t("deliveries.col.toDeliver"),
      meta: { num: true, width: "84px", hide: "medium" },
      cell: (info) => formats.int(info.getValue()),
    }),
    count("sent", "sent", (row) => row.sent),
    count("retrying", "taken-into-account", (row) => row.retrying),
    count("waiting", "pending", waitingOf),
    count("failed", "failed", (row) => row.failed),
    column.display({
      id: "lastReply",
      header: t("live.lastReply"),
      meta: { hide: "narrow" },
      cell: ({ row: { original } }) =>
        original.lastReply === null ? (
          <span className="muted">{t("common.notKnown")}</span>
        ) : (
          <span
            className="mono"
            title={`${original.lastReply}\n${original.lastReplyAt === null ? "" : formats.dateTime(original.lastReplyAt)}`}
          >
            {original.lastReply}
          </span>
        ),
    }),
  ];
}

export function Destinations({ id }: { id: string }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const query = useQuery(destinationsQuery(id));
  const columns = useMemo(() => destinationColumns(t, formats, id), [t, formats, id]);
  if (query.isError && query.data === undefined) {
    return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  }
  return (
    <DataTable
      label={t("live.destinations")}
      columns={columns}
      rows={query.data?.data}
      rowId={(row) => row.domain}
      compact
      empty={<Empty icon={IconPlugConnected} title={t("live.noDestinations")} />}
    />
  );
}
