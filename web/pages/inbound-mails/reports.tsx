/** What a mail says of each recipient, judged by the rules of now. */
import { useTranslation } from "react-i18next";

import type { InboundReport } from "../../../src/contract/inbound.ts";
import { VerdictWords } from "../reply-texts/verdict-words.tsx";
import css from "./inbound.module.css";

export function Reports({ reports }: { reports: readonly InboundReport[] | null }) {
  const { t } = useTranslation();
  if (reports === null) return <p className="muted">{t("inbound.rawGone")}</p>;
  if (reports.length === 0) return <p className="muted">{t("inbound.namesNobody")}</p>;
  return (
    <ul className={css["reports"]}>
      {reports.map((report, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a mail may name the same recipient twice, and its reports never change places
        <li key={place}>
          <b>
            <bdi>{report.address ?? t("inbound.nobody")}</bdi>
          </b>
          {report.type !== null && report.reason !== null && (
            <p className={css["verdict"]}>
              <VerdictWords type={report.type} reason={report.reason} />
              {report.rule !== null && <span className="mono muted">{report.rule}</span>}
            </p>
          )}
          <p className={css["said"]}>
            <bdi>{report.diagnostic}</bdi>
          </p>
        </li>
      ))}
    </ul>
  );
}
