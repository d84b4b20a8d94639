/** Mail that came in about messages, newest first: what it was, what it did, whom it is about. */
import { IconFilterOff, IconInbox } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { InboundMailEntry } from "../../../src/contract/inbound.ts";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { RowButton } from "../../parts/row-link.tsx";
import { When } from "../../parts/when.tsx";
import { inboundMailsQuery } from "../../queries-inbound.ts";
import { InboundFilters } from "./filters.tsx";
import { InboundHead } from "./inbound-head.tsx";
import { KindBadge, OutcomeBadge } from "./kind-badge.tsx";
import { MailDrawer } from "./mail-drawer.tsx";
import { filterOf, type InboundSearch, isFiltered, subjectOf } from "./view-model.ts";

const route = getRouteApi("/inbound-mails");
const column = columnsOf<InboundMailEntry>();
const EVERY_MS = 10_000;

function mailColumns(t: TFunction, open: (id: string) => void): Columns<InboundMailEntry> {
  const dash = <span className="muted">–</span>;
  return [
    column.display({
      id: "subject",
      header: t("inbound.col.address"),
      meta: { width: "26%" },
      cell: ({ row: { original } }) => {
        const subject = subjectOf(original) ?? t("inbound.nobody");
        return (
          <RowButton onOpen={() => open(original.id)} title={subject}>
            {subject}
          </RowButton>
        );
      },
    }),
    column.accessor("kind", {
      header: t("inbound.col.kind"),
      meta: { width: "158px" },
      cell: (info) => (info.getValue() === null ? dash : <KindBadge kind={info.getValue()} />),
    }),
    column.accessor("outcome", {
      header: t("inbound.col.outcome"),
      meta: { width: "178px", hide: "narrow" },
      cell: ({ row: { original } }) => <OutcomeBadge mail={original} />,
    }),
    column.accessor("reason", {
      header: t("log.reason"),
      meta: { hide: "narrow" },
      cell: ({ row: { original } }) =>
        original.reason === null ? (
          dash
        ) : (
          <>
            {t(`reason.${original.reason}`)}{" "}
            {original.type !== null && <span className="muted">{t(`type.${original.type}`)}</span>}
          </>
        ),
    }),
    column.accessor("messageKey", {
      header: t("inbound.col.message"),
      meta: { width: "120px", hide: "medium" },
      cell: (info) =>
        info.getValue() === null ? (
          dash
        ) : (
          <Link className="door mono" to="/messages" search={{ message: info.getValue() }}>
            {info.getValue()}
          </Link>
        ),
    }),
    column.accessor("receivedAt", {
      header: t("inbound.col.at"),
      meta: { num: true, width: "112px" },
      cell: (info) => <When iso={info.getValue()} />,
    }),
  ];
}

export function InboundMails() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (part: InboundSearch) =>
      void navigate({ search: (before: InboundSearch) => ({ ...before, ...part }), replace: true, resetScroll: false }),
    [navigate],
  );
  const query = useInfiniteQuery({ ...inboundMailsQuery(filterOf(search)), refetchInterval: EVERY_MS });
  const columns = useMemo(() => mailColumns(t, (mail) => change({ mail })), [t, change]);
  const rows = query.data?.pages.flatMap((page) => page.data);
  const filtered = isFiltered(search);
  return (
    <>
      <InboundHead intro={t("inbound.intro")} />
      <InboundFilters search={search} onChange={change} />
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("inbound.title")}
          columns={columns}
          rows={rows}
          rowId={(row) => row.id}
          currentId={search.mail}
          empty={
            <Empty
              icon={filtered ? IconFilterOff : IconInbox}
              title={t(filtered ? "inbound.emptyFiltered" : "inbound.emptyTitle")}
              text={t(filtered ? "log.emptyFilteredText" : "inbound.emptyText")}
            >
              {!filtered && <Link to="/settings">{t("inbound.setUp")}</Link>}
            </Empty>
          }
        />
      )}
      <MoreRows query={query} shown={rows?.length ?? 0} />
      {search.mail !== undefined && (
        <MailDrawer
          key={search.mail}
          id={search.mail}
          known={rows?.find(({ id }) => id === search.mail)}
          onClose={() => change({ mail: undefined })}
        />
      )}
    </>
  );
}
