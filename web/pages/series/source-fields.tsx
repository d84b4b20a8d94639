/** What each run copies: a delivery, or a template for an audience; and what will happen to it after its analysis. */
import { NativeSelect, Radio, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { useMay } from "../../parts/may.tsx";
import { deliveryQuery, templateQuery, templatesQuery } from "../../queries.ts";
import { AudienceChoice } from "../audience-choice/audience-choice.tsx";
import { useDeliveryNames, withChosen } from "../audience-choice/names.ts";
import { inOrder } from "../templates/view-model.ts";
import type { SeriesFormProps } from "./series-draft.ts";
import css from "./series.module.css";

export function SourceFields(props: SeriesFormProps) {
  const { t } = useTranslation();
  const { draft, set, errors } = props;
  return (
    <>
      <Radio.Group
        label={t("series.source")}
        description={t("series.sourceHint")}
        value={draft.source}
        onChange={(source) => set({ source: source === "template" ? "template" : "delivery" })}
      >
        <div className={css["weekdays"]}>
          {(["delivery", "template"] as const).map((source) => (
            <Radio key={source} value={source} label={t(`series.sources.${source}`)} />
          ))}
        </div>
      </Radio.Group>
      {draft.source === "delivery" ? (
        <ChooseDelivery {...props} />
      ) : (
        <>
          <ChooseTemplate {...props} />
          <AudienceChoice value={draft.audience} error={errors.audience} onChange={(audience) => set({ audience })} />
        </>
      )}
    </>
  );
}

function ChooseDelivery({ draft: { delivery }, set, errors, stored }: SeriesFormProps) {
  const { t } = useTranslation();
  const names = useDeliveryNames();
  const chosen = useQuery({ ...deliveryQuery(delivery), enabled: delivery !== "" }).data;
  const isStored = stored !== null && "delivery" in stored.from && stored.from.delivery === delivery;
  const label = chosen?.label ?? (isStored ? stored.sourceLabel : null) ?? t("series.number", { id: delivery });
  return (
    <>
      <Select
        label={t("series.delivery")}
        placeholder={t("series.choose")}
        error={errors.delivery}
        searchable
        value={delivery === "" ? null : delivery}
        data={withChosen(names, delivery, label).map((each) => ({ value: each.id, label: each.label }))}
        onChange={(id) => set({ delivery: id ?? "" })}
      />
      {chosen !== undefined && <Then of="deliveries" id={delivery} mode={chosen.settings.approval?.mode} />}
    </>
  );
}

function ChooseTemplate({ draft: { template }, set, errors, stored }: SeriesFormProps) {
  const { t } = useTranslation();
  const mayRead = useMay()("content.read");
  const templates = useQuery({ ...templatesQuery, enabled: mayRead }).data?.data ?? [];
  const chosen = useQuery({ ...templateQuery(template), enabled: mayRead && template !== "" }).data;
  const names = inOrder(templates).map(({ id, label }) => ({ id, label }));
  const known = stored !== null && "template" in stored.from && stored.from.template === template;
  return (
    <>
      <NativeSelect
        label={t("series.template")}
        error={errors.template}
        value={template}
        data={[
          { value: "", label: t("series.choose") },
          ...withChosen(names, template, (known ? stored.sourceLabel : null) ?? template).map((each) => ({
            value: each.id,
            label: each.label,
          })),
        ]}
        onChange={(event) => set({ template: event.currentTarget.value })}
      />
      {chosen !== undefined && <Then of="templates" id={template} mode={chosen.settings.approval?.mode} />}
    </>
  );
}

type ThenProps = {
  of: "deliveries" | "templates";
  id: string;
  mode: "manual" | "semi-automatic" | "automatic" | undefined;
};

/** A series that nobody looks after must not surprise: neither by starting nor by waiting. */
function Then({ of, id, mode = "manual" }: ThenProps) {
  const { t } = useTranslation();
  return (
    <p className={css["then"]}>
      <span className="muted">{t("series.afterAnalysis", { mode: t(`start.edit.modes.${mode}`) })}</span>
      <Link to={`/${of}/$id`} params={{ id }}>
        {t("series.open")}
      </Link>
      <Link to={`/${of}/$id/properties`} params={{ id }}>
        {t("series.properties")}
      </Link>
    </p>
  );
}
