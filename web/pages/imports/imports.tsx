/** The imported files: drop one, see what each came to, read the rejected rows of one in the drawer. */
import { Button } from "@mantine/core";
import {
  IconArrowBackUp,
  IconCircleCheck,
  IconCircleX,
  IconClock,
  IconFileImport,
  IconLoader,
  IconTestPipe,
  type Icon,
} from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { ImportStatus } from "../../../src/contract/index.ts";
import type { Formats } from "../../format.ts";
import { Badge } from "../../parts/badge.tsx";
import { CsvUpload } from "../../parts/csv-upload.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { May } from "../../parts/may.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { PageHead, Section } from "../../parts/page.tsx";
import { RowButton } from "../../parts/row-link.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { importsQuery } from "../../queries.ts";
import { ImportOutcome } from "./import-outcome.tsx";
import { IMPORT_TONE, type ImportLook, isCounted, lookOf, refreshEvery } from "./view-model.ts";

const route = getRouteApi("/imports");
const column = columnsOf<ImportStatus>();
const ICON: Record<ImportLook, Icon> = {
  tried: IconTestPipe,
  undoing: IconLoader,
  undone: IconArrowBackUp,
  pending: IconClock,
  running: IconLoader,
  completed: IconCircleCheck,
  failed: IconCircleX,
};

function importColumns(t: TFunction, formats: Formats, open: (id: string) => void): Columns<ImportStatus> {
  const count = (name: keyof ImportStatus["counts"], hide?: "narrow" | "medium") =>
    column.display({
      id: name,
      header: t(`imports.col.${name}`),
      meta: { num: true, width: "92px", ...(hide === undefined ? {} : { hide }) },
      cell: ({ row: { original } }) =>
        isCounted(original) ? formats.int(original.counts[name]) : <span className="muted">–</span>,
    });
  return [
    column.accessor("fileName", {
      header: t("imports.col.file"),
      cell: ({ row: { original } }) => (
        <RowButton onOpen={() => open(original.id)} title={original.fileName}>
          {original.fileName}
        </RowButton>
      ),
    }),
    column.accessor("status", {
      header: t("imports.col.status"),
      meta: { width: "124px" },
      cell: ({ row: { original } }) => (
        <Badge
          tone={IMPORT_TONE[lookOf(original)]}
          icon={ICON[lookOf(original)]}
          word={t(`imports.status.${lookOf(original)}`)}
        />
      ),
    }),
    count("total"),
    count("created", "narrow"),
    count("updated", "narrow"),
    count("skipped", "medium"),
    count("failed", "narrow"),
  ];
}

export function Imports() {
  const { t } = useTranslation();
  const formats = useFormats();
  const navigate = route.useNavigate();
  const { errors } = route.useSearch();
  const query = useInfiniteQuery({
    ...importsQuery,
    refetchInterval: ({ state }) => refreshEvery(state.data?.pages.flatMap((page) => page.data) ?? []),
  });
  const open = (id: string | undefined) => void navigate({ search: { errors: id }, replace: true, resetScroll: false });
  const columns = useMemo(() => importColumns(t, formats, open), [t, formats, navigate]);
  const rows = query.data?.pages.flatMap((page) => page.data);
  const shown = rows?.find((row) => row.id === errors);
  return (
    <>
      <PageHead
        title={t("imports.title")}
        actions={
          <Button component={Link} to="/imports/new" leftSection={<IconFileImport size={16} aria-hidden />}>
            {t("wizard.title")}
          </Button>
        }
      />
      <May>
        <CsvUpload />
      </May>
      <Section title={t("imports.title")}>
        {query.isError && rows === undefined ? (
          <Failure error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <DataTable
            label={t("imports.title")}
            columns={columns}
            rows={rows}
            rowId={(row) => row.id}
            currentId={errors}
            skeletons={4}
            empty={<Empty icon={IconFileImport} title={t("imports.emptyTitle")} text={t("imports.emptyText")} />}
          />
        )}
        <MoreRows query={query} shown={rows?.length ?? 0} />
      </Section>
      {shown !== undefined && (
        <Drawer title={shown.fileName} onClose={() => open(undefined)}>
          <ImportOutcome status={shown} />
        </Drawer>
      )}
    </>
  );
}
