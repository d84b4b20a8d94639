/** What a person was sent, newest first; each row opens the message. */
import { IconMail } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { RecipientMessage } from "../../../src/contract/audience-recipients.ts";
import { StatusBadge } from "../../parts/badge.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { When } from "../../parts/when.tsx";
import { recipientMessagesQuery } from "../../queries-audience.ts";

const column = columnsOf<RecipientMessage>();

function historyColumns(t: TFunction): Columns<RecipientMessage> {
  return [
    column.display({
      id: "delivery",
      header: t("recipients.delivery"),
      cell: ({ row: { original } }) => (
        <Link
          className={rowLinkClass}
          data-row-link
          to="/deliveries/$id/messages"
          params={{ id: original.delivery.id }}
          search={{ message: original.key }}
          title={original.delivery.label}
        >
          {original.delivery.label}
        </Link>
      ),
    }),
    column.accessor("status", {
      header: t("quarantine.col.status"),
      meta: { width: "180px" },
      cell: (info) => <StatusBadge status={info.getValue()} />,
    }),
    column.display({
      id: "reason",
      header: t("quarantine.col.reason"),
      meta: { width: "150px", hide: "narrow" },
      cell: ({ row: { original } }) =>
        original.reason === null ? <span className="muted">–</span> : t(`reason.${original.reason}`),
    }),
    column.display({
      id: "reactions",
      header: t("recipients.reactions"),
      meta: { width: "150px", hide: "narrow" },
      cell: ({ row: { original } }) => {
        const words = [original.opened && t("reaction.open"), original.clicked && t("reaction.click")].filter(Boolean);
        return words.length === 0 ? <span className="muted">–</span> : words.join(", ");
      },
    }),
    column.display({
      id: "at",
      header: t("quarantine.col.at"),
      meta: { num: true, width: "120px" },
      cell: ({ row: { original } }) => {
        const at = original.finalAt ?? original.startedAt;
        return at === null ? <span className="muted">–</span> : <When iso={at} />;
      },
    }),
  ];
}

export function History({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useInfiniteQuery(recipientMessagesQuery(id));
  const columns = useMemo(() => historyColumns(t), [t]);
  const rows = query.data?.pages.flatMap((page) => page.data);
  if (query.isError && rows === undefined) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <>
      <DataTable
        label={t("recipients.history")}
        columns={columns}
        rows={rows}
        rowId={(row) => row.key}
        skeletons={3}
        empty={<Empty icon={IconMail} title={t("recipients.noHistory")} text={t("recipients.noHistoryText")} />}
      />
      <MoreRows query={query} shown={rows?.length ?? 0} />
    </>
  );
}
