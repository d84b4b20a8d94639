/** Services: newsletters that people subscribe to. */
import { IconNews } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { Service } from "../../../src/contract/services.ts";
import type { Formats } from "../../format.ts";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { NewButton } from "../../parts/new-button.tsx";
import { May } from "../../parts/may.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { servicesQuery } from "../../queries-services.ts";
import { AudienceHead } from "../recipients/audience-head.tsx";

const column = columnsOf<Service>();

function serviceColumns(t: TFunction, formats: Formats): Columns<Service> {
  return [
    column.accessor("name", {
      header: t("services.name"),
      cell: ({ row: { original } }) => (
        <Link className={rowLinkClass} data-row-link to="/services/$id" params={{ id: original.id }}>
          {original.name}
        </Link>
      ),
    }),
    column.display({
      id: "how",
      header: t("services.how"),
      meta: { hide: "narrow", width: "34%" },
      cell: ({ row: { original } }) =>
        [
          t(original.doubleOptIn ? "services.confirmed" : "services.unconfirmed"),
          ...(original.public ? [t("services.onPage")] : []),
          ...(original.durationDays === null
            ? []
            : [t("services.forDays", { count: original.durationDays, n: formats.int(original.durationDays) })]),
        ].join(" · "),
    }),
    column.accessor("subscribed", {
      header: t("services.state.subscribed"),
      meta: { num: true, width: "130px" },
      cell: ({ getValue }) => formats.int(getValue()),
    }),
  ];
}

export function Services() {
  const { t } = useTranslation();
  const formats = useFormats();
  const query = useInfiniteQuery(servicesQuery);
  const columns = useMemo(() => serviceColumns(t, formats), [t, formats]);
  const rows = query.data?.pages.flatMap(({ data }) => data);
  return (
    <>
      <AudienceHead
        intro={t("services.intro")}
        actions={
          <May>
            <NewButton to="/services/$id" word={t("services.new")} />
          </May>
        }
      />
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <>
          <DataTable
            label={t("services.title")}
            columns={columns}
            rows={rows}
            rowId={(row) => row.id}
            skeletons={3}
            empty={
              <Empty icon={IconNews} title={t("services.emptyTitle")} text={t("services.emptyText")}>
                <NewButton to="/services/$id" word={t("services.new")} />
              </Empty>
            }
          />
          <MoreRows query={query} shown={rows?.length ?? 0} />
        </>
      )}
    </>
  );
}
