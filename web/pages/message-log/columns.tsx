/** The columns of the message log. */
import { IconArchive, IconHelpHexagon } from "@tabler/icons-react";
import type { TFunction } from "i18next";

import type { LogLine } from "../../../src/contract/index.ts";
import type { Formats } from "../../format.ts";
import { StatusBadge } from "../../parts/badge.tsx";
import { type Columns, columnsOf } from "../../parts/data-table.tsx";
import { RowButton } from "../../parts/row-link.tsx";
import { When } from "../../parts/when.tsx";
import css from "./message.module.css";
import { lastAt } from "./view-model.ts";

const column = columnsOf<LogLine>();

export function logColumns(t: TFunction, formats: Formats, open: (key: string) => void): Columns<LogLine> {
  const dash = <span className="muted">–</span>;
  return [
    column.accessor("recipient", {
      header: t("log.col.recipient"),
      meta: { width: "26%" },
      cell: ({ row: { original } }) => (
        <RowButton onOpen={() => open(original.key)} title={original.recipient}>
          {original.recipient}
        </RowButton>
      ),
    }),
    column.accessor("status", {
      header: t("log.col.status"),
      meta: { width: "184px" },
      cell: ({ row: { original } }) => (
        <span className={css["status"]}>
          <StatusBadge status={original.status} />
          {original.inDoubt && original.status !== "in-doubt" && (
            <span data-tone="doubt" className={css["mark"]} title={t("log.inDoubtMark")}>
              <IconHelpHexagon size={15} role="img" aria-label={t("log.inDoubtMark")} />
            </span>
          )}
          {original.archived && (
            <span className={css["archived"]} title={t("copies.mark")}>
              <IconArchive size={15} role="img" aria-label={t("copies.mark")} />
            </span>
          )}
        </span>
      ),
    }),
    column.accessor("reason", {
      header: t("log.col.reason"),
      meta: { width: "128px", hide: "narrow" },
      cell: ({ row: { original } }) =>
        original.reason === null ? (
          dash
        ) : (
          <span title={original.type === null ? undefined : t(`type.${original.type}`)}>
            {t(`reason.${original.reason}`)}
          </span>
        ),
    }),
    column.accessor("attempts", {
      header: t("log.col.attempts"),
      meta: { num: true, width: "84px", hide: "narrow" },
      cell: (info) => formats.int(info.getValue()),
    }),
    column.accessor("reply", {
      header: t("log.col.reply"),
      meta: { hide: "narrow" },
      cell: (info) => {
        const reply = info.getValue();
        return reply === null ? (
          dash
        ) : (
          <span className="mono" title={reply}>
            {reply}
          </span>
        );
      },
    }),
    column.display({
      id: "at",
      header: t("log.col.at"),
      meta: { num: true, width: "104px", hide: "medium" },
      cell: ({ row: { original } }) => {
        const iso = lastAt(original);
        return iso === null ? dash : <When iso={iso} />;
      },
    }),
  ];
}
