/** All that a series says, as a form: what it copies, when, and what each delivery is called. */
import { Switch, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { FormGroup } from "../../parts/editor-page.tsx";
import { fieldsOf } from "../../parts/form-fields.ts";
import type { SeriesFormProps } from "./series-draft.ts";
import { SourceFields } from "./source-fields.tsx";
import { exampleLabel } from "./view-model.ts";
import { WhenFields } from "./when-fields.tsx";

export function SeriesFields(props: SeriesFormProps) {
  const { t } = useTranslation();
  const { draft, stored } = props;
  const field = fieldsOf(props, (name) => t(`series.${name as "label" | "deliveryLabel" | "on"}`));
  const example = exampleLabel(draft, stored?.nextRuns[0]?.local);
  return (
    <>
      <FormGroup title={t("series.what")}>
        <TextInput {...field.text("label")} maxLength={500} />
        <SourceFields {...props} />
        <TextInput {...field.text("deliveryLabel")} description={t("series.deliveryLabelHint")} maxLength={500} />
        {draft.deliveryLabel.trim() !== "" && (
          <p className="muted" aria-live="polite">
            {t("series.example", { label: example })}
          </p>
        )}
      </FormGroup>
      <WhenFields {...props} />
      <FormGroup>
        <Switch {...field.toggle("on")} description={t("series.onHint")} />
        {stored !== null && <p className="muted">{t("series.savedBy", { name: stored.savedBy })}</p>}
      </FormGroup>
    </>
  );
}
