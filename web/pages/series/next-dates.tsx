/** The dates that are to come, as the server says them: by the clocks of the series' zone. */
import { useTranslation } from "react-i18next";

import type { Series } from "../../../src/contract/series.ts";
import { FormGroup } from "../../parts/editor-page.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import css from "./series.module.css";
import { localWords } from "./view-model.ts";

/** `unsaved`: what is typed may lead to other dates. */
export function NextDates({ series: { nextRuns, zone, on }, unsaved }: { series: Series; unsaved: boolean }) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <FormGroup title={t("series.nextDates")}>
      {nextRuns.length === 0 ? (
        <p className="muted">{t(on ? "series.nextOver" : "series.nextNone")}</p>
      ) : (
        <ol className={css["dates"]}>
          {nextRuns.map(({ at, local }) => (
            <li key={at}>
              <span title={t("series.yourTime", { at: formats.dateTime(at) })}>
                {localWords(local, formats.locale)}, {zone}
              </span>
              <span className="muted">
                <When iso={at} />
              </span>
            </li>
          ))}
        </ol>
      )}
      {unsaved && <p className="muted">{t("series.nextUnsaved")}</p>}
    </FormGroup>
  );
}
