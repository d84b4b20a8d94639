/** The people: searched and filtered; each opens a page of their own. */
import { Button, Menu } from "@mantine/core";
import { IconDownload, IconFilterOff, IconPlus, IconUsers } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Recipient } from "../../../src/contract/index.ts";
import { ChoiceFilter } from "../../parts/choice-filter.tsx";
import { ClearFilters } from "../../parts/clear-filters.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { May } from "../../parts/may.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { TextFilter } from "../../parts/text-filter.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { When } from "../../parts/when.tsx";
import { coverageQuery, recipientsExportUrl, recipientsQuery, someListsQuery } from "../../queries-audience.ts";
import { QuarantineBadge } from "../quarantine/quarantine-badge.tsx";
import { AudienceHead } from "./audience-head.tsx";
import { NewRecipient } from "./new-recipient.tsx";
import { filterOf, isFiltered, NO_FILTER, type RecipientSearch, STATES, valuesInRow } from "./view-model.ts";

const route = getRouteApi("/recipients");
const column = columnsOf<Recipient>();

function recipientColumns(t: TFunction): Columns<Recipient> {
  return [
    column.accessor("address", {
      header: t("quarantine.col.address"),
      meta: { width: "30%" },
      cell: ({ row: { original } }) => (
        <Link
          className={rowLinkClass}
          data-row-link
          to="/recipients/$id"
          params={{ id: original.id }}
          title={original.address}
        >
          {original.address}
        </Link>
      ),
    }),
    column.display({
      id: "state",
      header: t("recipients.state"),
      meta: { width: "138px", hide: "narrow" },
      cell: ({ row: { original } }) =>
        original.denylistedAt === null ? <span className="muted">–</span> : <QuarantineBadge status="denylisted" />,
    }),
    column.display({
      id: "attributes",
      header: t("attributes.title"),
      meta: { hide: "narrow" },
      cell: ({ row: { original } }) => {
        const values = valuesInRow(original.attributes);
        return values === "" ? <span className="muted">–</span> : <span title={values}>{values}</span>;
      },
    }),
    column.accessor("updatedAt", {
      header: t("recipients.updated"),
      meta: { num: true, width: "120px" },
      cell: (info) => <When iso={info.getValue()} />,
    }),
  ];
}

export function Recipients() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [adding, setAdding] = useState(false);
  const change = useCallback(
    (part: RecipientSearch) =>
      void navigate({
        search: (before: RecipientSearch) => ({ ...before, ...part }),
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  const query = useInfiniteQuery(recipientsQuery(filterOf(search)));
  const columns = useMemo(() => recipientColumns(t), [t]);
  const rows = query.data?.pages.flatMap((page) => page.data);
  const filtered = isFiltered(search);
  return (
    <>
      <AudienceHead
        intro={t("recipients.intro")}
        actions={
          <>
            <Button component={Link} to="/imports/new" variant="default">
              {t("imports.new")}
            </Button>
            <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
              {t("recipients.new")}
            </Button>
          </>
        }
      />
      <Filters search={search} onChange={change} filtered={filtered} />
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("recipients.title")}
          columns={columns}
          rows={rows}
          rowId={(row) => row.id}
          empty={
            <Empty
              icon={filtered ? IconFilterOff : IconUsers}
              title={t(filtered ? "recipients.emptyFiltered" : "recipients.emptyTitle")}
              text={t(filtered ? "log.emptyFilteredText" : "recipients.emptyText")}
            />
          }
        />
      )}
      <MoreRows query={query} shown={rows?.length ?? 0} />
      {adding && <NewRecipient onClose={() => setAdding(false)} />}
    </>
  );
}

type FiltersProps = { search: RecipientSearch; onChange: (part: RecipientSearch) => void; filtered: boolean };

function Filters({ search, onChange, filtered }: FiltersProps) {
  const { t } = useTranslation();
  const lists = useQuery(someListsQuery).data?.data ?? [];
  const names = useQuery({ ...coverageQuery, staleTime: 60_000 }).data?.data.map(({ name }) => name) ?? [];
  return (
    <Toolbar>
      <TextFilter
        search
        label={t("recipients.search")}
        placeholder={t("recipients.searchHint")}
        value={search.q}
        onChange={(q) => onChange({ q })}
        width={230}
      />
      <ChoiceFilter
        label={t("lists.one")}
        width={170}
        value={search.list}
        values={lists.map(({ id }) => id)}
        word={(id) => lists.find((list) => list.id === id)?.label ?? id}
        onChange={(list) => onChange({ list })}
      />
      <ChoiceFilter
        label={t("recipients.state")}
        width={140}
        value={search.state}
        values={STATES}
        word={(state) => t(`quarantine.status.${state}`)}
        onChange={(state) => onChange({ state })}
      />
      <ChoiceFilter
        label={t("attributes.one")}
        width={150}
        value={search.attribute}
        values={names}
        word={(name) => name}
        onChange={(attribute) => onChange({ attribute, ...(attribute === undefined ? { value: undefined } : {}) })}
      />
      {search.attribute !== undefined && (
        <TextFilter
          label={t("attributes.value")}
          value={search.value}
          onChange={(value) => onChange({ value })}
          width={150}
        />
      )}
      {filtered && <ClearFilters onClick={() => onChange(NO_FILTER)} />}
      <May right="people.export">
        <Export search={search} />
      </May>
    </Toolbar>
  );
}

function Export({ search }: { search: RecipientSearch }) {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" ml="auto" leftSection={<IconDownload size={16} aria-hidden />}>
          {t("recipients.export")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(["csv", "jsonl"] as const).map((format) => (
          <Menu.Item key={format} component="a" href={recipientsExportUrl(filterOf(search), format)} download>
            {t(`recipients.as.${format}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
