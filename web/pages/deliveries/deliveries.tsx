/** The list of deliveries, newest first. */
import { Button, TextInput } from "@mantine/core";
import { IconPlus, IconSearch, IconSend } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page.tsx";
import { TextFilter } from "../../parts/text-filter.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { deliveriesBy } from "../../queries.ts";
import { FolderFilter } from "../folders/folder-filter.tsx";
import { deliveryColumns } from "./columns.tsx";
import { matching, refreshEvery } from "./view-model.ts";
import { WaitingApprovals } from "./waiting-approvals.tsx";

const route = getRouteApi("/deliveries");

export function Deliveries() {
  const { t } = useTranslation();
  const formats = useFormats();
  const [words, setWords] = useState("");
  const { folder, category, waiting = false } = route.useSearch();
  const navigate = route.useNavigate();
  const filter = (part: { folder?: string | undefined; category?: string | undefined }) =>
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true });
  const isFiltered = folder !== undefined || category !== undefined;
  const query = useInfiniteQuery({
    ...deliveriesBy({ folder, category }),
    refetchInterval: ({ state }) => refreshEvery(state.data?.pages.flatMap((page) => page.data) ?? []),
  });
  const all = query.data?.pages.flatMap((page) => page.data);
  const rows = all === undefined ? undefined : matching(all, words);
  const columns = useMemo(() => deliveryColumns(t, formats), [t, formats]);
  const newDelivery = (
    <Button component={Link} to="/deliveries/new" leftSection={<IconPlus size={16} aria-hidden />}>
      {t("deliveries.new")}
    </Button>
  );
  const none = all?.length === 0 && !isFiltered;
  return (
    <>
      <PageHead title={t("deliveries.title")} actions={newDelivery} />
      <WaitingApprovals
        open={waiting}
        onOpen={(open) =>
          void navigate({
            search: (before) => ({ ...before, waiting: open || undefined }),
            replace: true,
            resetScroll: false,
          })
        }
      />
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {none && (
        <Empty icon={IconSend} title={t("deliveries.emptyTitle")} text={t("deliveries.emptyText")}>
          <Button component={Link} to="/imports" variant="default">
            {t("deliveries.emptyImport")}
          </Button>
          <Button component={Link} to="/deliveries/new" variant="default">
            {t("deliveries.new")}
          </Button>
        </Empty>
      )}
      {!none && !(query.isError && all === undefined) && (
        <>
          <Toolbar>
            <TextInput
              data-search
              aria-label={t("deliveries.search")}
              placeholder={t("deliveries.search")}
              leftSection={<IconSearch size={16} aria-hidden />}
              value={words}
              onChange={(event) => setWords(event.currentTarget.value)}
              w={280}
              style={{ alignSelf: "flex-end" }}
            />
            <FolderFilter tree="deliveries" value={folder} onChange={(next) => filter({ folder: next })} />
            <TextFilter
              label={t("folders.category")}
              width={160}
              value={category}
              onChange={(next) => filter({ category: next })}
            />
          </Toolbar>
          <DataTable
            label={t("deliveries.title")}
            columns={columns}
            rows={rows}
            rowId={(row) => row.id}
            empty={<Empty icon={IconSearch} title={t("deliveries.noMatch")} />}
          />
          <MoreRows query={query} shown={rows?.length ?? 0} />
        </>
      )}
    </>
  );
}
