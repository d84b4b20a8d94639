/** A series for whoever may read it and not change it. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { Series } from "../../../src/contract/series.ts";
import { FormGroup } from "../../parts/editor-page.tsx";
import { Facts } from "../../parts/facts.tsx";
import shared from "../../parts/form.module.css";
import { PageHead } from "../../parts/page.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { useAudienceWords } from "../audience-choice/names.ts";
import { NextDates } from "./next-dates.tsx";
import { SeriesRuns } from "./series-runs.tsx";
import { SeriesSource } from "./series-source.tsx";
import { dateWords, ruleWords } from "./view-model.ts";

export function SeriesFacts({ series, before }: { series: Series; before: ReactNode }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const audienceWords = useAudienceWords();
  const { from, firstDate, deliveryLabel, on, savedBy } = series;
  const facts: (readonly [string, ReactNode])[] = [
    [t("series.source"), <SeriesSource series={series} />],
    ...("audience" in from ? ([[t("series.audience"), audienceWords(from.audience)]] as const) : []),
    [t("series.when"), ruleWords(series, t, formats.locale)],
    [t("series.firstDate"), dateWords(firstDate, formats.locale)],
    [t("series.deliveryLabel"), deliveryLabel],
    [t("series.state"), t(on ? "series.on" : "series.off")],
    [t("series.savedByWord"), savedBy],
  ];
  return (
    <>
      <PageHead title={series.label} before={before} />
      <div className={shared["form"]}>
        <FormGroup title={t("series.what")}>
          <Facts facts={facts} />
        </FormGroup>
        <NextDates series={series} unsaved={false} />
      </div>
      <SeriesRuns series={series} />
    </>
  );
}
