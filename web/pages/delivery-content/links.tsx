/** The links that were found in the saved content, each with its label, category and mode. */
import { NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";

import type { ContentProblem, Link } from "../../../src/contract/index.ts";
import { ApiProblem } from "../../api.ts";
import type { Formats } from "../../format.ts";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { Failure } from "../../parts/notice.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { linksQuery } from "../../queries.ts";
import css from "./content.module.css";
import type { Draft, SetField } from "./draft.ts";
import { chosen, LINK_MODES, type LinkChoice, type LinkRow, linkRows } from "./link-choices.ts";

const column = columnsOf<LinkRow>();

type Props = {
  id: string;
  /** Of the saved content: a new one means other links. */
  version: number;
  links: Draft["links"];
  set: SetField;
  readOnly: boolean;
  onJump: (problem: ContentProblem) => void;
};

export function Links({ id, version, links, set, readOnly, onJump }: Props) {
  const { t } = useTranslation();
  const formats = useFormats();
  const query = useQuery({
    ...linksQuery(id),
    queryKey: [...linksQuery(id).queryKey, version] as never,
    placeholderData: (before) => before,
  });
  // Cells keep their focus while one types: the columns must stay the same ones.
  const choose = useRef<(row: LinkRow, choice: LinkChoice) => void>(() => {});
  choose.current = (row, choice) => set("links", chosen(links, row.url, choice));
  const jump = useRef(onJump);
  jump.current = onJump;
  const columns = useMemo(
    () =>
      linkColumns(
        t,
        formats,
        readOnly,
        (row, choice) => choose.current(row, choice),
        (row) => jump.current({ ...row, code: "", message: "" }),
      ),
    [t, formats, readOnly],
  );
  if (query.error instanceof ApiProblem && query.error.problem.status === 422) {
    return <p className="muted">{t("links.withErrors")}</p>;
  }
  if (query.isError) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <DataTable
      label={t("links.title")}
      columns={columns}
      rows={query.data && linkRows(query.data.data, links)}
      rowId={(row) => `${row.number}-${row.part}-${row.line}-${row.column}`}
      skeletons={2}
      empty={<p className="muted">{t("links.none")}</p>}
    />
  );
}

function linkColumns(
  t: TFunction,
  formats: Formats,
  readOnly: boolean,
  choose: (row: LinkRow, choice: LinkChoice) => void,
  jump: (row: Link) => void,
): Columns<LinkRow> {
  const words = (name: "label" | "category", width: string, hide?: "medium") =>
    column.accessor(name, {
      header: t(`links.${name}`),
      meta: { width, ...(hide === undefined ? {} : { hide }) },
      cell: ({ row: { original } }) =>
        readOnly ? (
          original[name]
        ) : (
          <TextInput
            size="xs"
            variant="unstyled"
            className={css["cellField"] ?? ""}
            placeholder={t("links.add")}
            aria-label={`${t(`links.${name}`)}: ${original.url}`}
            defaultValue={original[name]}
            onBlur={(event) => {
              const value = event.currentTarget.value.trim();
              if (value !== original[name]) choose(original, { [name]: value });
            }}
          />
        ),
    });
  return [
    column.accessor("number", {
      header: t("links.number"),
      meta: { num: true, width: "50px" },
      cell: (info) => formats.int(info.getValue()),
    }),
    column.accessor("url", {
      header: t("links.url"),
      cell: (info) => (
        <span className="mono" title={info.getValue()}>
          {info.getValue()}
        </span>
      ),
    }),
    column.display({
      id: "place",
      header: t("links.part"),
      meta: { width: "112px", hide: "narrow" },
      cell: ({ row: { original } }) => (
        <button type="button" className={css["place"]} onClick={() => jump(original)}>
          {t(`editor.${original.part}`)}, {t("common.line", { line: original.line })}
        </button>
      ),
    }),
    words("label", "20%"),
    words("category", "15%", "medium"),
    column.accessor("mode", {
      header: t("links.mode"),
      meta: { width: "150px" },
      cell: ({ row: { original } }) =>
        readOnly ? (
          t(`links.modes.${original.mode}`)
        ) : (
          <NativeSelect
            size="xs"
            aria-label={`${t("links.mode")}: ${original.url}`}
            value={original.mode}
            data={LINK_MODES.map((value) => ({ value, label: t(`links.modes.${value}`) }))}
            onChange={(event) => {
              const mode = LINK_MODES.find((each) => each === event.currentTarget.value);
              if (mode !== undefined) choose(original, { mode });
            }}
          />
        ),
    }),
  ];
}
