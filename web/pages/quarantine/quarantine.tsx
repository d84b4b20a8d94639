/** Addresses with errors or in quarantine, what waits for a person, the look-up of any one address, and acts on many. */
import { Button } from "@mantine/core";
import { IconFilterOff, IconPlus, IconShieldCheck } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Formats } from "../../format.ts";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { RowButton } from "../../parts/row-link.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { type QuarantineRow, quarantineQuery } from "../../queries-quarantine.ts";
import { AddressImport } from "./address-import.tsx";
import { QuarantineFilters } from "./filters.tsx";
import { HeldGroups } from "./held.tsx";
import { PutInDialog } from "./put-in-dialog.tsx";
import { QuarantineBadge } from "./quarantine-badge.tsx";
import { QuarantineDrawer } from "./quarantine-drawer.tsx";
import { QuarantineHead } from "./quarantine-head.tsx";
import { ReleaseMany } from "./release-many.tsx";
import { filterOf, isAddress, isFiltered, type QuarantineSearch, shownStatus } from "./view-model.ts";
import { useProviderName, useReasonWord } from "./words.ts";

const route = getRouteApi("/quarantine");
const column = columnsOf<QuarantineRow>();

type Words = { t: TFunction; formats: Formats; reason: (word: string) => string; provider: (name: string) => string };

function quarantineColumns(words: Words, open: (address: string) => void): Columns<QuarantineRow> {
  const { t, formats } = words;
  const dash = <span className="muted">–</span>;
  return [
    column.accessor("address", {
      header: t("quarantine.col.address"),
      meta: { width: "26%" },
      cell: ({ row: { original } }) => (
        <RowButton onOpen={() => open(original.address)} title={original.address}>
          {original.address}
        </RowButton>
      ),
    }),
    column.accessor("status", {
      header: t("quarantine.col.status"),
      meta: { width: "138px" },
      cell: ({ row: { original } }) => <QuarantineBadge status={shownStatus(original)} />,
    }),
    column.accessor("reason", {
      header: t("quarantine.col.reason"),
      meta: { width: "136px", hide: "narrow" },
      cell: (info) => (info.getValue() === null ? dash : words.reason(info.getValue())),
    }),
    column.accessor("errors", {
      header: t("quarantine.col.errors"),
      meta: { num: true, width: "72px", hide: "medium" },
      cell: (info) => formats.int(info.getValue()),
    }),
    column.accessor("provider", {
      header: t("sending.provider"),
      meta: { width: "112px", hide: "medium" },
      cell: (info) => (info.getValue() === null ? dash : words.provider(info.getValue())),
    }),
    column.accessor("errorText", {
      header: t("quarantine.col.errorText"),
      meta: { hide: "narrow" },
      cell: (info) => {
        const reply = info.getValue();
        return reply === null || reply === "" ? (
          dash
        ) : (
          <span className="mono" title={reply}>
            {reply}
          </span>
        );
      },
    }),
    column.accessor("updatedAt", {
      header: t("quarantine.col.at"),
      meta: { num: true, width: "112px", hide: "narrow" },
      cell: (info) => (info.getValue() === null ? dash : <When iso={info.getValue()} />),
    }),
  ];
}

export function Quarantine() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [doing, setDoing] = useState<"put-in" | "release" | "import" | null>(null);
  const change = useCallback(
    (part: QuarantineSearch) =>
      void navigate({
        search: (before: QuarantineSearch) => ({ ...before, ...part }),
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  const open = useCallback((address: string | undefined) => change({ address }), [change]);
  const stop = () => setDoing(null);
  return (
    <>
      <QuarantineHead
        intro={t("quarantine.intro")}
        actions={
          <>
            <Button variant="default" onClick={() => setDoing("release")}>
              {t("releaseMany.open")}
            </Button>
            <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setDoing("put-in")}>
              {t("quarantine.putIn.open")}
            </Button>
          </>
        }
      />
      <HeldGroups />
      <QuarantineFilters search={search} onChange={change} onImport={() => setDoing("import")} />
      <Addresses search={search} onOpen={open} />
      {isAddress(search.address) && <QuarantineDrawer address={search.address} onClose={() => open(undefined)} />}
      {doing === "release" && <ReleaseMany search={search} onClose={stop} />}
      {doing === "import" && <AddressImport into="quarantine" onClose={stop} />}
      {doing === "put-in" && (
        <PutInDialog
          address={null}
          onDone={({ address }) => {
            stop();
            open(address);
          }}
          onClose={stop}
        />
      )}
    </>
  );
}

function Addresses({ search, onOpen }: { search: QuarantineSearch; onOpen: (address: string) => void }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const reason = useReasonWord();
  const provider = useProviderName();
  const query = useInfiniteQuery(quarantineQuery(filterOf(search)));
  const columns = useMemo(
    () => quarantineColumns({ t, formats, reason, provider }, onOpen),
    [t, formats, reason, provider, onOpen],
  );
  const rows = query.data?.pages.flatMap((page) => page.data);
  const filtered = isFiltered(search);
  if (query.isError && rows === undefined) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <>
      <DataTable
        label={t("quarantine.title")}
        columns={columns}
        rows={rows}
        rowId={(row) => row.address}
        currentId={search.address}
        empty={
          <Empty
            icon={filtered ? IconFilterOff : IconShieldCheck}
            title={t(filtered ? "quarantine.emptyFiltered" : "quarantine.emptyTitle")}
            text={t(filtered ? "log.emptyFilteredText" : "quarantine.emptyText")}
          />
        }
      />
      <MoreRows query={query} shown={rows?.length ?? 0} />
    </>
  );
}
