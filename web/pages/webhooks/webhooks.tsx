/** Which other programs are told what happens, and how that goes. */
import { IconWebhook } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { Webhook } from "../../../src/contract/webhooks.ts";
import type { Formats } from "../../format.ts";
import { type Columns, columnsOf } from "../../parts/data-table.tsx";
import { FetchedTable } from "../../parts/fetched-table.tsx";
import { NewButton } from "../../parts/new-button.tsx";
import { May } from "../../parts/may.tsx";
import { Empty } from "../../parts/notice.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { TellingHead } from "../alerts/telling-head.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { webhooksQuery } from "../../queries-telling.ts";
import { WebhookBadge } from "./webhook-badge.tsx";

const column = columnsOf<Webhook>();
const EVERY_MS = 5000;

function webhookColumns(t: TFunction, formats: Formats): Columns<Webhook> {
  const dash = <span className="muted">–</span>;
  return [
    column.accessor("url", {
      header: t("webhooks.url"),
      meta: { width: "32%" },
      cell: ({ row: { original } }) => (
        <Link
          className={rowLinkClass}
          data-row-link
          to="/webhooks/$id"
          params={{ id: original.id }}
          title={original.url}
        >
          {original.description === "" ? original.url : original.description}
        </Link>
      ),
    }),
    column.accessor("health", {
      header: t("webhooks.state"),
      meta: { width: "140px" },
      cell: (info) => <WebhookBadge health={info.getValue()} />,
    }),
    column.display({
      id: "events",
      header: t("webhooks.events"),
      meta: { hide: "medium" },
      cell: ({ row: { original } }) => {
        const names = original.events[0] === "*" ? t("webhooks.all") : original.events.join(", ");
        return <span title={names}>{names}</span>;
      },
    }),
    column.display({
      id: "pending",
      header: t("webhooks.pending"),
      meta: { num: true, width: "100px", hide: "narrow" },
      cell: ({ row: { original } }) => formats.int(original.health.pending),
    }),
    column.display({
      id: "succeeded",
      header: t("webhooks.succeeded"),
      meta: { num: true, width: "130px", hide: "narrow" },
      cell: ({ row: { original } }) =>
        original.health.succeededAt === null ? dash : <When iso={original.health.succeededAt} />,
    }),
    column.display({
      id: "error",
      header: t("webhooks.error"),
      meta: { width: "20%", hide: "narrow" },
      cell: ({ row: { original } }) => {
        const said = original.health.disabledReason ?? original.health.lastError;
        return said === null ? dash : <span title={said}>{said}</span>;
      },
    }),
  ];
}

export function Webhooks() {
  const { t } = useTranslation();
  const formats = useFormats();
  const query = useQuery({ ...webhooksQuery, refetchInterval: EVERY_MS });
  const columns = useMemo(() => webhookColumns(t, formats), [t, formats]);
  return (
    <>
      <TellingHead intro={t("webhooks.intro")} actions={<NewButton to="/webhooks/$id" word={t("webhooks.new")} />} />
      <FetchedTable
        query={query}
        label={t("webhooks.title")}
        columns={columns}
        rowId={(row) => row.id}
        skeletons={3}
        empty={
          <Empty icon={IconWebhook} title={t("webhooks.emptyTitle")} text={t("webhooks.emptyText")}>
            <May>
              <NewButton to="/webhooks/$id" word={t("webhooks.new")} />
            </May>
          </Empty>
        }
      />
    </>
  );
}
