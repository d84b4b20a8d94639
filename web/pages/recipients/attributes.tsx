/** What is known of recipients: every name in use, its declared type or what its values look like, how many people have one. */
import { Button } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconLoader,
  IconPlus,
  IconTags,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { Formats } from "../../format.ts";
import { Badge } from "../../parts/badge.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { Empty, Failure, Notice } from "../../parts/notice.tsx";
import { RowButton } from "../../parts/row-link.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { attributesQuery, coverageQuery } from "../../queries-audience.ts";
import { AttributeDrawer } from "./attribute-drawer.tsx";
import { AudienceHead } from "./audience-head.tsx";
import { type AttributeRow, rowsOf } from "./view-model.ts";

const route = getRouteApi("/attributes");

const column = columnsOf<AttributeRow>();

const BUILDING_EVERY_MS = 2000;

const INDEX = {
  none: { tone: "waiting", icon: IconCircleDashed },
  building: { tone: "retry", icon: IconLoader },
  ready: { tone: "sent", icon: IconCircleCheck },
} as const;

function attributeColumns(t: TFunction, formats: Formats, open: (name: string) => void): Columns<AttributeRow> {
  const dash = <span className="muted">–</span>;
  return [
    column.accessor("name", {
      header: t("attributes.name"),
      meta: { width: "22%" },
      cell: ({ row: { original } }) => (
        <RowButton onOpen={() => open(original.name)} title={original.name}>
          {original.name}
        </RowButton>
      ),
    }),
    column.display({
      id: "label",
      header: t("attributes.label"),
      meta: { hide: "medium" },
      cell: ({ row: { original } }) => original.declared?.label || dash,
    }),
    column.display({
      id: "type",
      header: t("attributes.type"),
      meta: { width: "170px" },
      cell: ({
        row: {
          original: { declared, used },
        },
      }) =>
        declared !== null ? (
          t(`attributes.types.${declared.type}`)
        ) : (
          <span className="muted">
            {t("attributes.looksLike", { type: t(`attributes.types.${used?.looksLike ?? "text"}`) })}
          </span>
        ),
    }),
    column.display({
      id: "coverage",
      header: t("attributes.coverage"),
      meta: { num: true, width: "110px" },
      cell: ({ row: { original } }) => (original.used === null ? dash : formats.share(original.used.coverage)),
    }),
    column.display({
      id: "index",
      header: t("attributes.index"),
      meta: { width: "120px", hide: "medium" },
      cell: ({
        row: {
          original: { declared },
        },
      }) =>
        declared === null || !declared.indexed ? (
          dash
        ) : (
          <Badge {...INDEX[declared.index]} word={t(`attributes.indexState.${declared.index}`)} />
        ),
    }),
    column.display({
      id: "examples",
      header: t("attributes.examples"),
      meta: { hide: "narrow" },
      cell: ({ row: { original } }) => {
        const examples = original.used?.examples.join(", ") ?? "";
        return examples === "" ? dash : <span title={examples}>{examples}</span>;
      },
    }),
  ];
}

export function Attributes() {
  const { t } = useTranslation();
  const formats = useFormats();
  const { attribute, declare } = route.useSearch();
  const navigate = route.useNavigate();
  const open = useCallback(
    (name: string | undefined) => void navigate({ search: { attribute: name }, replace: true, resetScroll: false }),
    [navigate],
  );
  const declared = useQuery({
    ...attributesQuery,
    refetchInterval: ({ state }) =>
      state.data?.data.some(({ index }) => index === "building") === true ? BUILDING_EVERY_MS : false,
  });
  const coverage = useQuery(coverageQuery);
  const columns = useMemo(() => attributeColumns(t, formats, open), [t, formats, open]);
  const rows =
    declared.data === undefined || coverage.isPending
      ? undefined
      : rowsOf(declared.data.data, coverage.data?.data ?? []);
  const shown = rows?.find(({ name }) => name === attribute);
  const create = (
    <Button
      leftSection={<IconPlus size={16} aria-hidden />}
      onClick={() => void navigate({ search: { declare: true }, replace: true })}
    >
      {t("attributes.declare")}
    </Button>
  );
  return (
    <>
      <AudienceHead intro={t("attributes.intro")} actions={create} />
      {coverage.isError && <Failure error={coverage.error} onRetry={() => void coverage.refetch()} />}
      {coverage.data?.complete === false && (
        <Notice
          tone="waiting"
          icon={IconAlertTriangle}
          title={t("attributes.sampled", { n: formats.int(coverage.data.sampled) })}
        />
      )}
      {declared.isError && declared.data === undefined ? (
        <Failure error={declared.error} onRetry={() => void declared.refetch()} />
      ) : (
        <DataTable
          label={t("attributes.title")}
          columns={columns}
          rows={rows}
          rowId={(row) => row.name}
          currentId={attribute}
          empty={<Empty icon={IconTags} title={t("attributes.emptyTitle")} text={t("attributes.emptyText")} />}
        />
      )}
      {(shown !== undefined || declare === true) && (
        <AttributeDrawer key={shown?.name ?? ""} row={shown ?? null} onClose={() => open(undefined)} />
      )}
    </>
  );
}
