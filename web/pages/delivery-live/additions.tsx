/** Recipients who were added since the delivery began; nothing where there are none. */
import { IconCircleCheck, IconCircleX, IconClock, IconRepeat } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { Addition } from "../../../src/contract/additions.ts";
import type { Audience } from "../../../src/contract/index.ts";
import type { Formats } from "../../format.ts";
import { Badge } from "../../parts/badge.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Section } from "../../parts/page.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { useAudienceWords } from "../audience-choice/names.ts";
import { additionsQuery } from "./additions-query.ts";
import css from "./live.module.css";

const GOING_ON_MS = 2000;
const EVERY_MS = 30_000;
const column = columnsOf<Addition>();

function additionColumns(t: TFunction, formats: Formats, words: (audience: Audience) => string): Columns<Addition> {
  const figure = (name: "targeted" | "excluded" | "toDeliver", hide?: "narrow") =>
    column.accessor(name, {
      header: t(`additions.${name}`),
      meta: { num: true, width: "96px", ...(hide === undefined ? {} : { hide }) },
      cell: ({ row: { original } }) =>
        original.endedAt === null || original.error !== null ? (
          <span className="muted">–</span>
        ) : (
          formats.int(original[name])
        ),
    });
  return [
    column.accessor("audience", {
      header: t("additions.whom"),
      cell: ({ row: { original } }) => (
        <span className={css["whom"]}>
          <span>{words(original.audience)}</span>
          {original.again && (
            <Badge
              tone={null}
              icon={IconRepeat}
              word={t("additions.withAgain")}
              title={t("additions.withAgainTitle")}
            />
          )}
        </span>
      ),
    }),
    column.display({
      id: "result",
      header: t("additions.result"),
      meta: { width: "24%" },
      cell: ({ row: { original } }) => <Result addition={original} />,
    }),
    figure("targeted", "narrow"),
    figure("excluded", "narrow"),
    figure("toDeliver"),
    column.accessor("askedBy", { header: t("additions.by"), meta: { width: "120px", hide: "medium" } }),
    column.accessor("askedAt", {
      header: t("additions.at"),
      meta: { width: "110px", hide: "medium" },
      cell: (info) => <When iso={info.getValue()} />,
    }),
  ];
}

function Result({ addition: { endedAt, error } }: { addition: Addition }) {
  const { t } = useTranslation();
  if (endedAt === null) return <Badge tone="waiting" icon={IconClock} word={t("additions.state.going")} />;
  if (error === null) return <Badge tone="sent" icon={IconCircleCheck} word={t("additions.state.added")} />;
  return (
    <>
      <Badge tone="failed" icon={IconCircleX} word={t("additions.state.refused")} /> {error}
    </>
  );
}

export function Additions({ id }: { id: string }) {
  const query = useInfiniteQuery({
    ...additionsQuery(id),
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ data }) => data.some(({ endedAt }) => endedAt === null)) === true
        ? GOING_ON_MS
        : EVERY_MS,
  });
  const rows = query.data?.pages.flatMap(({ data }) => data) ?? [];
  return rows.length === 0 ? null : <Table rows={rows} query={query} />;
}

type TableProps = { rows: Addition[]; query: Parameters<typeof MoreRows>[0]["query"] };

function Table({ rows, query }: TableProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  const words = useAudienceWords();
  const columns = useMemo(() => additionColumns(t, formats, words), [t, formats, words]);
  return (
    <Section title={t("additions.title")}>
      <DataTable label={t("additions.title")} columns={columns} rows={rows} rowId={(row) => row.id} compact wrap />
      {query.hasNextPage && <MoreRows query={query} shown={rows.length} />}
    </Section>
  );
}
