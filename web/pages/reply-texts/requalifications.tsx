/** Every time that past messages were judged again: what changed, and taking it back. */
import { Button } from "@mantine/core";
import {
  IconArrowBackUp,
  IconCalculator,
  IconCircleCheck,
  IconLoader,
  IconRefresh,
  IconRefreshAlert,
  type Icon,
} from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Requalification } from "../../../src/contract/reply-texts.ts";
import { post } from "../../api.ts";
import type { Formats } from "../../format.ts";
import { Badge } from "../../parts/badge.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { requalificationPath, requalificationsQuery } from "../../queries-bounces.ts";
import { BouncesHead } from "./bounces-head.tsx";
import { RequalifyDialog } from "./requalify-dialog.tsx";
import { canUndo, doneShare, isUnderWay, RUN_TONE, type RunWord, runWord } from "./requalify-model.ts";
import { visible } from "./view-model.ts";

const column = columnsOf<Requalification>();

const ICON: Record<RunWord, Icon> = {
  running: IconLoader,
  completed: IconCircleCheck,
  undoing: IconArrowBackUp,
  undone: IconArrowBackUp,
  dryRun: IconCalculator,
  failed: IconRefreshAlert,
};

function whatOf(t: TFunction, { text, rule }: Requalification): string {
  if (text !== null) return t("again.ofText", { text: visible(text) });
  return rule === null ? t("again.all") : t("again.ofRule", { name: rule });
}

function State({ run }: { run: Requalification }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const word = runWord(run);
  const kept = { count: run.counts.kept, n: formats.int(run.counts.kept) };
  const titles = [
    run.error,
    run.undoneBy === null ? null : t("again.undoneBy", { who: run.undoneBy }),
    run.counts.kept === 0 ? null : t("again.kept", kept),
    run.undoUntil === null ? null : t("again.undoUntil", { when: formats.moment(run.undoUntil) }),
  ];
  const share = isUnderWay(run) ? ` ${formats.share(doneShare(run))}` : "";
  return (
    <Badge
      tone={RUN_TONE[word]}
      icon={ICON[word]}
      word={t(`again.state.${word}`) + share}
      title={titles.filter((each) => each !== null).join("\n")}
    />
  );
}

function runColumns(t: TFunction, formats: Formats, undo: (run: Requalification) => void): Columns<Requalification> {
  const number = (name: "messages" | "quarantined" | "released", width: string) =>
    column.accessor((run) => run.counts[name], {
      id: name,
      header: t(`again.col.${name}`),
      meta: { num: true, width, hide: name === "messages" ? "narrow" : "medium" },
      cell: (info) => formats.int(info.getValue()),
    });
  return [
    column.accessor("createdAt", {
      header: t("again.col.at"),
      meta: { width: "110px", hide: "narrow" },
      cell: (info) => <When iso={info.getValue()} />,
    }),
    column.display({
      id: "what",
      header: t("again.col.what"),
      cell: ({ row: { original } }) => <bdi title={whatOf(t, original)}>{whatOf(t, original)}</bdi>,
    }),
    column.display({
      id: "state",
      header: t("again.col.state"),
      meta: { width: "158px" },
      cell: ({ row: { original } }) => <State run={original} />,
    }),
    number("messages", "96px"),
    number("quarantined", "116px"),
    number("released", "96px"),
    column.accessor("actor", { header: t("again.col.by"), meta: { width: "110px", hide: "medium" } }),
    column.display({
      id: "undo",
      header: t("again.col.undo"),
      meta: { width: "116px" },
      cell: ({ row: { original } }) =>
        canUndo(original, Date.now()) && (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconArrowBackUp size={14} aria-hidden />}
            aria-label={t("again.undoThis", { what: whatOf(t, original) })}
            onClick={() => undo(original)}
          >
            {t("again.undo")}
          </Button>
        ),
    }),
  ];
}

export function Requalifications() {
  const { t } = useTranslation();
  const formats = useFormats();
  const query = useInfiniteQuery(requalificationsQuery);
  const [starting, setStarting] = useState(false);
  const [undoing, setUndoing] = useState<Requalification | null>(null);
  const columns = useMemo(() => runColumns(t, formats, setUndoing), [t, formats]);
  const rows = query.data?.pages.flatMap((page) => page.data);
  return (
    <>
      <BouncesHead
        intro={t("again.intro")}
        actions={
          <Button leftSection={<IconRefresh size={16} aria-hidden />} onClick={() => setStarting(true)}>
            {t("again.start")}
          </Button>
        }
      />
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("again.title")}
          columns={columns}
          rows={rows}
          rowId={({ id }) => id}
          skeletons={3}
          empty={<Empty icon={IconRefresh} title={t("again.emptyTitle")} text={t("again.emptyText")} />}
        />
      )}
      <MoreRows query={query} shown={rows?.length ?? 0} />
      {starting && <RequalifyDialog of={{ kind: "all" }} onClose={() => setStarting(false)} />}
      <Undo run={undoing} onClose={() => setUndoing(null)} />
    </>
  );
}

function Undo({ run, onClose }: { run: Requalification | null; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const tellError = useToldErrors();
  const undo = useMutation({
    mutationFn: (id: string) => post<Requalification>(`${requalificationPath(id)}/actions/undo`),
    onError: tellError,
    onSettled: () => {
      void client.invalidateQueries({ queryKey: requalificationsQuery.queryKey });
      onClose();
    },
  });
  const what = run === null ? "" : whatOf(t, run);
  return (
    <Confirm
      question={
        run === null ? null : { title: t("again.undoTitle", { what }), text: t("again.undoText"), yes: t("again.undo") }
      }
      busy={undo.isPending}
      onYes={() => run !== null && undo.mutate(run.id)}
      onNo={onClose}
    />
  );
}
