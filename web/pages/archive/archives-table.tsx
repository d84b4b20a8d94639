/** The archives, each with its part of the ledger and what it said last. */
import {
  IconArchiveOff,
  IconCircleCheck,
  IconCircleX,
  IconClock,
  IconCloud,
  IconFolder,
  IconMail,
  IconToggleLeft,
  type Icon,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { Formats } from "../../format.ts";
import { Badge } from "../../parts/badge.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { useFormats } from "../../parts/use-now.ts";
import type { Tone } from "../../tones.ts";
import css from "./archive.module.css";
import { type ArchiveRow, type CopyState, type RowState, rowState } from "./view-model.ts";

export const KIND_ICON: Record<ArchiveRow["kind"], Icon> = { smtp: IconMail, files: IconFolder, s3: IconCloud };

/** What is owed is what one acts on: it stays longest. */
const HIDE = { archived: "medium", givenUp: "narrow" } as const;

const column = columnsOf<ArchiveRow>();

function archiveColumns(t: TFunction, formats: Formats): Columns<ArchiveRow> {
  const count = (id: "archived" | "owed" | "givenUp", state: CopyState) =>
    column.accessor(id, {
      header: t(`archive.col.${id}`),
      meta: { num: true, width: id === "givenUp" ? "108px" : "88px", ...(id === "owed" ? {} : { hide: HIDE[id] }) },
      cell: ({ row: { original } }) => (
        <Link className="door" to="/archive" search={{ archive: original.id, state }} hash="copies">
          {formats.int(original[id])}
        </Link>
      ),
    });
  return [
    column.accessor("name", {
      header: t("archive.col.name"),
      meta: { width: "22%" },
      cell: ({ row: { original } }) => <Name row={original} />,
    }),
    column.display({
      id: "state",
      header: t("archive.col.state"),
      meta: { width: "124px" },
      cell: ({ row: { original } }) => <State row={original} />,
    }),
    column.accessor("due", {
      header: t("archive.col.due"),
      meta: { num: true, width: "88px", hide: "narrow" },
      cell: ({ row: { original } }) => (
        <Link className="door" to="/archive" search={{ archive: original.id }} hash="copies">
          {formats.int(original.due)}
        </Link>
      ),
    }),
    count("archived", "archived"),
    count("owed", "owed"),
    count("givenUp", "given-up"),
    column.display({
      id: "lastReply",
      header: t("archive.col.lastReply"),
      meta: { hide: "narrow" },
      cell: ({ row: { original } }) => <LastReply row={original} />,
    }),
  ];
}

function Name({ row }: { row: ArchiveRow }) {
  const { t } = useTranslation();
  const Glyph = KIND_ICON[row.kind];
  const body = (
    <>
      <span className={css["kind"]} title={t(`archive.kind.${row.kind}`)}>
        <Glyph size={16} stroke={1.7} role="img" aria-label={t(`archive.kind.${row.kind}`)} />
      </span>
      {row.name}
    </>
  );
  if (row.removed) return <span className="muted">{body}</span>;
  return (
    <Link className={rowLinkClass} data-row-link to="/archive/$id" params={{ id: row.id }} title={row.name}>
      {body}
    </Link>
  );
}

const STATE_LOOK: Record<RowState, { tone: Tone; icon: Icon }> = {
  removed: { tone: "excluded", icon: IconArchiveOff },
  off: { tone: "excluded", icon: IconToggleLeft },
  failing: { tone: "failed", icon: IconCircleX },
  working: { tone: "sent", icon: IconCircleCheck },
  "no-reply": { tone: "waiting", icon: IconClock },
};

function State({ row }: { row: ArchiveRow }) {
  const { t } = useTranslation();
  const state = rowState(row);
  const words: Record<RowState, [word: string, title?: string]> = {
    removed: [t("archive.removed"), t("archive.removedMeaning")],
    off: [t("archive.off"), t("archiveForm.enabledHint")],
    failing: [t("archive.failing"), t("archive.failingMeaning")],
    working: [t("archive.working")],
    "no-reply": [t("archive.noReply")],
  };
  const [word, title] = words[state];
  return <Badge {...STATE_LOOK[state]} word={word} {...(title === undefined ? {} : { title })} />;
}

function LastReply({ row: { lastReply, lastReplyAt } }: { row: ArchiveRow }) {
  const { t } = useTranslation();
  const formats = useFormats();
  if (lastReply === null) return <span className="muted">{t("common.notKnown")}</span>;
  return (
    <span className="mono" title={lastReplyAt === null ? lastReply : `${lastReply}\n${formats.dateTime(lastReplyAt)}`}>
      {lastReply}
    </span>
  );
}

export function ArchivesTable({ rows }: { rows: readonly ArchiveRow[] | undefined }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const columns = useMemo(() => archiveColumns(t, formats), [t, formats]);
  return <DataTable label={t("archive.archives")} columns={columns} rows={rows} rowId={({ id }) => id} skeletons={2} />;
}
