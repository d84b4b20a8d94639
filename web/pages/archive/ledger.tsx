/** All copies of the platform: the identity, what it looks like, and how the debt stands. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { ArchiveLedger } from "../../../src/contract/index.ts";
import { NotKnown } from "../../parts/not-known.tsx";
import { StackedBar } from "../../parts/stacked-bar.tsx";
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
      <CopyIdentity figures={ledger} />
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
