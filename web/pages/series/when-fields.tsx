/** The rule of a series: every so many days, weeks or months, at which time of which zone, from when to when; and all of it in words. */
import { Checkbox, NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { RECURRENCE_UNITS, WEEKDAYS } from "../../../src/contract/series.ts";
import { FormGroup } from "../../parts/editor-page.tsx";
import { fieldsOf } from "../../parts/form-fields.ts";
import shared from "../../parts/form.module.css";
import { useFormats } from "../../parts/use-now.ts";
import { timeZones } from "../delivery-start/view-model.ts";
import { ruleOf, type SeriesFormProps } from "./series-draft.ts";
import css from "./series.module.css";
import { ruleWords, weekdayName } from "./view-model.ts";

type Word = "every" | "unit" | "day" | "time" | "zone" | "firstDate" | "lastDate";

export function WhenFields(props: SeriesFormProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { draft, set, errors } = props;
  const zones = useMemo(() => timeZones(draft.zone), [draft.zone]);
  const field = fieldsOf(props, (name) => t(`series.${name as Word}`));
  const lastDate = draft.lastDate === "" ? null : draft.lastDate;
  const words = ruleWords({ ...draft, rule: ruleOf(draft), lastDate }, t, formats.locale);
  return (
    <FormGroup title={t("series.when")}>
      {draft.firstDate !== "" && (
        <p className={css["words"]} aria-live="polite">
          {words}
        </p>
      )}
      <div className={css["every"]}>
        <NumberInput {...field.count("every")} max={366} />
        <NativeSelect
          {...field.choice("unit")}
          data={RECURRENCE_UNITS.map((unit) => ({ value: unit, label: t(`series.units.${unit}`) }))}
        />
      </div>
      {draft.unit === "week" && (
        <Checkbox.Group
          label={t("series.weekdays")}
          description={t("series.weekdaysHint")}
          error={errors.weekdays}
          value={[...draft.weekdays]}
          onChange={(chosen) => set({ weekdays: WEEKDAYS.filter((day) => chosen.includes(day)) })}
        >
          <div className={css["weekdays"]}>
            {WEEKDAYS.map((day) => (
              <Checkbox key={day} value={day} label={weekdayName(formats.locale, day)} />
            ))}
          </div>
        </Checkbox.Group>
      )}
      {draft.unit === "month" && (
        <NumberInput {...field.count("day")} max={31} w={160} description={t("series.dayHint")} />
      )}
      <div className={shared["pair"]}>
        <TextInput {...field.text("time")} type="time" />
        <NativeSelect {...field.choice("zone")} data={zones} description={t("series.zoneHint")} />
        <TextInput {...field.text("firstDate")} type="date" description={t("series.firstDateHint")} />
        <TextInput {...field.text("lastDate")} type="date" description={t("series.lastDateHint")} />
      </div>
    </FormGroup>
  );
}
