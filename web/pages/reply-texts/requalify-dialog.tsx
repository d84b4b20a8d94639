/** Past messages judged again: first counted, then, when somebody says so, done; with its progress. */
import { Button, Modal, NativeSelect } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Requalification } from "../../../src/contract/reply-texts.ts";
import { post } from "../../api.ts";
import { Failure } from "../../parts/notice.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { requalificationQuery, requalificationsQuery } from "../../queries-bounces.ts";
import css from "./reply-texts.module.css";
import { doneShare, isUnderWay, type Of, requestOf } from "./requalify-model.ts";
import { visible } from "./view-model.ts";

const DAYS = [7, 30, 90];

type Props = { of: Of; onClose: () => void };

export function RequalifyDialog({ of, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t("again.start")}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <Steps of={of} onClose={onClose} />
    </Modal>
  );
}

function Steps({ of, onClose }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [days, setDays] = useState(30);
  const start = useMutation({
    mutationFn: (dryRun: boolean) => {
      const { path, body } = requestOf(of, days, dryRun, Date.now());
      return post<Requalification>(path, body);
    },
    onSuccess: () => void client.invalidateQueries({ queryKey: requalificationsQuery.queryKey }),
  });
  const id = start.data?.id;
  const query = useQuery({ ...requalificationQuery(id ?? ""), enabled: id !== undefined });
  const run = query.data ?? start.data;
  const busy = start.isPending || (run !== undefined && isUnderWay(run));
  const counted = run?.dryRun === true && run.state === "completed" ? run : null;
  const isDone = run !== undefined && !run.dryRun;
  return (
    <div className={css["dialog"]}>
      <p className="muted">{t("again.dialogIntro")}</p>
      <WhatOf of={of} />
      <NativeSelect
        label={t("again.since")}
        w={240}
        disabled={busy || isDone}
        value={String(days)}
        data={DAYS.map((count) => ({ value: String(count), label: t("again.sinceDays", { count }) }))}
        onChange={(event) => {
          setDays(Number(event.currentTarget.value));
          start.reset();
        }}
      />
      <div aria-live="polite">
        {start.isError && <Failure error={start.error} />}
        {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
        {run !== undefined && <RunResult run={run} />}
      </div>
      <div className={css["ends"]}>
        <Button variant="default" onClick={onClose}>
          {t(isDone ? "common.close" : "common.cancel")}
        </Button>
        {isDone ? (
          <Button component={Link} to="/requalifications" onClick={onClose}>
            {t("bounces.tab.again")}
          </Button>
        ) : (
          <Button
            data-autofocus
            loading={busy}
            disabled={counted?.counts.messages === 0 && counted.counts.attempts === 0}
            onClick={() => start.mutate(counted === null)}
          >
            {t(counted === null ? "again.count" : "again.go")}
          </Button>
        )}
      </div>
    </div>
  );
}

function WhatOf({ of }: { of: Of }) {
  const { t } = useTranslation();
  if (of.kind === "text") {
    return (
      <p className={css["reply"]}>
        <bdi>{visible(of.text)}</bdi>
      </p>
    );
  }
  return <p>{of.kind === "rule" ? t("again.ofRule", { name: of.name }) : t("again.all")}</p>;
}

/** While it runs how far it is; then what became, or would become, otherwise. */
function RunResult({ run }: { run: Requalification }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { messages, deliveries, quarantined, released } = run.counts;
  const words = (count: number) => ({ count, n: formats.int(count) });
  const { parts, done } = run.progress;
  const change = run.dryRun
    ? t("again.wouldChange", { ...words(messages), d: formats.int(deliveries) })
    : t("again.changed", words(messages));
  return (
    <div className={css["result"]}>
      {isUnderWay(run) && (
        <>
          <p>
            {t(run.dryRun ? "again.counting" : "again.state.running")}{" "}
            <span className="muted">{t("again.looked", { done: formats.int(done), parts: formats.int(parts) })}</span>
          </p>
          <div className={css["progress"]}>
            <span style={{ width: `${doneShare(run) * 100}%` }} />
          </div>
        </>
      )}
      {run.error !== null && (
        <p className={css["toned"]} data-tone="failed">
          {run.error}
        </p>
      )}
      {!isUnderWay(run) && <b>{messages === 0 && run.dryRun ? t("again.wouldNothing") : change}</b>}
      {!isUnderWay(run) && quarantined > 0 && (
        <p className={css["toned"]} data-tone="failed">
          {t("again.quarantined", words(quarantined))}
        </p>
      )}
      {!isUnderWay(run) && released > 0 && (
        <p className={css["toned"]} data-tone="sent">
          {t("again.released", words(released))}
        </p>
      )}
    </div>
  );
}
