/** The columns of the list of reply texts. */
import type { TFunction } from "i18next";

import type { ReplyTextAnswer } from "../../../src/contract/reply-texts.ts";
import type { Formats } from "../../format.ts";
import { type Columns, columnsOf } from "../../parts/data-table.tsx";
import { RowButton } from "../../parts/row-link.tsx";
import { When } from "../../parts/when.tsx";
import css from "./reply-texts.module.css";
import { NormalisedText } from "./normalised-text.tsx";
import { VerdictWords } from "./verdict-words.tsx";
import { visible } from "./view-model.ts";

const column = columnsOf<ReplyTextAnswer>();

export function textColumns(t: TFunction, formats: Formats, open: (id: string) => void): Columns<ReplyTextAnswer> {
  return [
    column.accessor("text", {
      header: t("texts.col.text"),
      cell: ({ row: { original } }) => (
        <RowButton onOpen={() => open(original.id)} title={visible(original.firstText.slice(0, 500))}>
          <span className={css["rowText"]}>
            <NormalisedText text={original.text.slice(0, 300)} />
          </span>
        </RowButton>
      ),
    }),
    column.display({
      id: "verdict",
      header: t("texts.col.verdict"),
      meta: { width: "200px", hide: "narrow" },
      cell: ({ row: { original } }) => <VerdictWords type={original.type} reason={original.reason} />,
    }),
    column.accessor("providers", {
      header: t("texts.col.providers"),
      meta: { width: "112px", hide: "medium" },
      cell: (info) => <span title={info.getValue().join("\n")}>{info.getValue().join(", ")}</span>,
    }),
    column.accessor("count", {
      header: t("texts.col.count"),
      meta: { num: true, width: "76px" },
      cell: (info) => formats.int(info.getValue()),
    }),
    column.accessor("firstSeenAt", {
      header: t("texts.col.first"),
      meta: { num: true, width: "104px", hide: "medium" },
      cell: (info) => <When iso={info.getValue()} />,
    }),
    column.accessor("lastSeenAt", {
      header: t("texts.col.last"),
      meta: { num: true, width: "104px", hide: "narrow" },
      cell: (info) => <When iso={info.getValue()} />,
    }),
  ];
}
