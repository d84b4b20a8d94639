/** What the nightly job did, and a run at once. */
import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { RetentionRun, RetentionStep } from "../../../src/contract/index.ts";
import { post } from "../../api.ts";
import { Confirm } from "../../parts/confirm.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import shared from "../../parts/form.module.css";
import { May } from "../../parts/may.tsx";
import { Failure } from "../../parts/notice.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { retentionQuery } from "../../queries-retention.ts";

const SHOWN = 7;
const FOLLOW_MS = 2000;

export function RetentionRuns() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useQuery({
    ...retentionQuery,
    refetchInterval: ({ state }) =>
      state.data?.runs.some(({ finishedAt }) => finishedAt === null) ? FOLLOW_MS : false,
  });
  const [sure, setSure] = useState(false);
  const run = useMutation({
    mutationFn: (dryRun: boolean) => post<RetentionRun>("/retention/actions/run", { dryRun }),
    onSuccess: () => {
      setSure(false);
      notifications.show({ message: t("retention.asked"), color: "ink" });
      void client.invalidateQueries({ queryKey: retentionQuery.queryKey });
    },
  });
  return (
    <section className={shared["group"]} aria-label={t("retention.runs")}>
      <Group justify="space-between">
        <span>
          {t("retention.runs")}
          {query.data !== undefined && (
            <span className={shared["hint"]}>
              {" · "}
              {t("retention.next")} <When iso={query.data.nextRunAt} />
            </span>
          )}
        </span>
        <May>
          <Group gap={8}>
            <Button size="xs" variant="default" onClick={() => run.mutate(true)} loading={run.isPending}>
              {t("retention.dry")}
            </Button>
            <Button size="xs" variant="default" onClick={() => setSure(true)}>
              {t("retention.run")}
            </Button>
          </Group>
        </May>
      </Group>
      {run.isError && <Failure error={run.error} />}
      {query.isError ? <Failure error={query.error} /> : <Runs runs={query.data?.runs.slice(0, SHOWN)} />}
      <Confirm
        question={
          sure ? { title: t("retention.sure.title"), text: t("retention.sure.text"), yes: t("retention.run") } : null
        }
        busy={run.isPending}
        onYes={() => run.mutate(false)}
        onNo={() => setSure(false)}
      />
    </section>
  );
}

const column = columnsOf<RetentionRun>();

function Runs({ runs }: { runs: readonly RetentionRun[] | undefined }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const sum = (run: RetentionRun, of: "rows" | "bytes") => run.steps.reduce((total, step) => total + step[of], 0);
  const columns: Columns<RetentionRun> = [
    column.display({
      id: "begun",
      header: t("retention.begun"),
      meta: { width: "130px" },
      cell: ({ row }) => <When iso={row.original.startedAt} />,
    }),
    column.display({
      id: "by",
      header: t("retention.by"),
      meta: { width: "160px", hide: "narrow" },
      cell: ({ row: { original: run } }) => (run.actor === "worker" ? t("retention.worker") : run.actor),
    }),
    column.display({ id: "result", header: t("retention.result"), cell: ({ row }) => <Result run={row.original} /> }),
    column.display({
      id: "rows",
      header: t("retention.rows"),
      meta: { num: true, width: "100px" },
      cell: ({ row }) => formats.int(sum(row.original, "rows")),
    }),
    column.display({
      id: "bytes",
      header: t("retention.bytes"),
      meta: { num: true, width: "100px", hide: "medium" },
      cell: ({ row }) => formats.bytes(sum(row.original, "bytes")),
    }),
  ];
  return (
    <DataTable
      label={t("retention.runs")}
      columns={columns}
      rows={runs}
      rowId={(run) => run.id}
      wrap
      skeletons={3}
      empty={<p className={shared["hint"]}>{t("retention.none")}</p>}
    />
  );
}

function Result({ run }: { run: RetentionRun }) {
  const { t } = useTranslation();
  const open = run.steps.length === 0 ? t("retention.waiting") : t("retention.running");
  const ended = run.failed > 0 ? t("retention.failed", { count: run.failed }) : t("retention.done");
  const words = [run.finishedAt === null ? open : ended, ...(run.dryRun ? [t("retention.dryRun")] : [])];
  return (
    <div>
      {words.join(", ")}
      {run.steps.flatMap(remarksOf).map(({ step, text, kept }) => (
        <div key={`${step} ${text}`} className={shared["hint"]}>
          {t(`retention.step.${step}`)}: {kept ? t("retention.kept", { reason: text }) : text}
        </div>
      ))}
    </div>
  );
}

function remarksOf({ step, error, kept }: RetentionStep) {
  const reasons = [...new Set(kept.map(({ reason }) => reason))];
  return [
    ...(error === null ? [] : [{ step, text: error, kept: false }]),
    ...reasons.map((text) => ({ step, text, kept: true })),
  ];
}
