/** All copies of the platform: the identity, what it looks like, and how the debt stands. */
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconRefresh } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { ArchiveLedger } from "../../../src/contract/index.ts";
import { post } from "../../api.ts";
import { NotKnown } from "../../parts/not-known.tsx";
import { StackedBar } from "../../parts/stacked-bar.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { useFormats, useNow } from "../../parts/use-now.ts";
import css from "./archive.module.css";
import { CopyIdentity } from "./copy-identity.tsx";
import { copyParts, debtOf } from "./view-model.ts";

export function Ledger({ ledger }: { ledger: ArchiveLedger }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const rate = formats.rate(ledger.ratePerMinute);
  return (
    <section className={css["ledger"]} aria-label={t("archive.ledger")}>
      <div className={css["head"]}>
        <CopyIdentity figures={ledger} />
        <Retry ledger={ledger} />
      </div>
      <StackedBar parts={copyParts(ledger)} of="archive.bar" />
      <dl className={css["facts"]}>
        <Fact word={t("archive.oldest")} title={t("archive.oldestMeaning")}>
          {ledger.oldestDebtAt === null ? t("common.none") : <Age iso={ledger.oldestDebtAt} />}
        </Fact>
        <Fact word={t("archive.rate")} title={t("archive.rateMeaning")}>
          {rate === null ? (
            <NotKnown />
          ) : (
            <>
              {rate} <span className="muted">{t("archive.rateUnit")}</span>
            </>
          )}
        </Fact>
        <Debt ledger={ledger} />
      </dl>
    </section>
  );
}

function Fact({ word, title, children }: { word: string; title: string; children: ReactNode }) {
  return (
    <div className={css["fact"]} title={title}>
      <dt>{word}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Age({ iso }: { iso: string }) {
  const now = useNow();
  const formats = useFormats();
  return (
    <time dateTime={iso} title={formats.dateTime(iso)}>
      {formats.duration(Math.max(1, Math.round((now - Date.parse(iso)) / 1000)))}
    </time>
  );
}

function Debt({ ledger }: { ledger: ArchiveLedger }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { percent, tone } = debtOf(ledger);
  const words = t("archive.debtOf", { owed: formats.int(ledger.owed), limit: formats.int(ledger.debtLimit) });
  return (
    <div className={css["fact"]} title={t("archive.debtMeaning")}>
      <dt>{t("archive.debt")}</dt>
      <dd className={css["debt"]}>
        {words}
        <span
          className={css["meter"]}
          role="meter"
          aria-label={t("archive.debt")}
          aria-valuemin={0}
          aria-valuemax={ledger.debtLimit}
          aria-valuenow={Math.min(ledger.owed, ledger.debtLimit)}
          aria-valuetext={words}
          data-tone={tone}
        >
          <span style={{ width: `${percent}%` }} />
        </span>
      </dd>
    </div>
  );
}

function Retry({ ledger }: { ledger: ArchiveLedger }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const client = useQueryClient();
  const tellError = useToldErrors();
  const retry = useMutation({
    mutationFn: () => post<{ retried: number }>("/archive/actions/retry", {}),
    onSuccess: async ({ retried }) => {
      notifications.show({ message: t("archive.retried", { count: retried, n: formats.int(retried) }), color: "ink" });
      await client.invalidateQueries({ queryKey: ["archive"] });
    },
    onError: tellError,
  });
  return (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={<IconRefresh size={14} aria-hidden />}
      disabled={ledger.owed === 0}
      loading={retry.isPending}
      onClick={() => retry.mutate()}
    >
      {t("archive.retry")}
    </Button>
  );
}
