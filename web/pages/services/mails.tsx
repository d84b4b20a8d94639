/** The mails that a service has sent, and why one did not go out by its template. */
import { IconMail } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { ServiceMail } from "../../../src/contract/services.ts";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import page from "../../parts/page.module.css";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { When } from "../../parts/when.tsx";
import { serviceMailsQuery } from "../../queries-services.ts";

const column = columnsOf<ServiceMail>();

function mailColumns(t: TFunction): Columns<ServiceMail> {
  return [
    column.accessor("address", {
      header: t("quarantine.col.address"),
      cell: ({ row: { original } }) =>
        original.message === null ? (
          original.address
        ) : (
          <Link className={rowLinkClass} data-row-link to="/messages" search={{ message: original.message }}>
            {original.address}
          </Link>
        ),
    }),
    column.accessor("kind", {
      header: t("services.mailKind"),
      meta: { width: "130px" },
      cell: (info) => t(`services.mailKinds.${info.getValue() as ServiceMail["kind"]}`),
    }),
    column.display({
      id: "how",
      header: t("services.sentAs"),
      meta: { hide: "narrow", width: "46%" },
      cell: ({ row: { original } }) => {
        const how = t(`services.forms.${original.sentAs ?? "waiting"}`);
        return original.problem === "" ? how : `${how}: ${problemOf(t, original.problem)}`;
      },
    }),
    column.accessor("at", {
      header: t("services.mailAt"),
      meta: { num: true, width: "110px" },
      cell: (info) => <When iso={info.getValue()} />,
    }),
  ];
}

const problemOf = (t: TFunction, problem: string) =>
  problem === "denylisted" || problem === "quarantined" ? t(`services.barred.${problem}`) : problem;

export function Mails({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useInfiniteQuery(serviceMailsQuery(id));
  const columns = useMemo(() => mailColumns(t), [t]);
  const rows = query.data?.pages.flatMap(({ data }) => data);
  return (
    <section className={page["section"]}>
      <header className={page["sectionHead"]}>
        <h2>{t("services.journal")}</h2>
      </header>
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("services.journal")}
          columns={columns}
          rows={rows}
          rowId={(row) => row.id}
          skeletons={3}
          wrap
          empty={<Empty icon={IconMail} title={t("services.noMails")} />}
        />
      )}
      <MoreRows query={query} shown={rows?.length ?? 0} />
    </section>
  );
}
