/** The filters of inbound mail; each change is a change of the address. */
import { useTranslation } from "react-i18next";

import { ChoiceFilter } from "../../parts/choice-filter.tsx";
import { ClearFilters } from "../../parts/clear-filters.tsx";
import { TextFilter } from "../../parts/text-filter.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { type InboundSearch, isFiltered, KINDS, NO_FILTER, OUTCOMES, STATES } from "./view-model.ts";

type Props = { search: InboundSearch; onChange: (change: InboundSearch) => void };

export function InboundFilters({ search, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <Toolbar>
      <TextFilter
        search
        label={t("inbound.col.address")}
        placeholder="name@example.com"
        value={search.address}
        onChange={(address) => onChange({ address })}
        width={210}
      />
      <ChoiceFilter
        label={t("inbound.col.kind")}
        width={160}
        value={search.kind}
        values={KINDS}
        word={(value) => t(`inbound.kind.${value}`)}
        onChange={(kind) => onChange({ kind })}
      />
      <ChoiceFilter
        label={t("inbound.col.outcome")}
        width={180}
        value={search.outcome}
        values={OUTCOMES}
        word={(value) => t(`inbound.outcome.${value}`)}
        onChange={(outcome) => onChange({ outcome })}
      />
      <ChoiceFilter
        label={t("inbound.processing")}
        width={140}
        value={search.state}
        values={STATES}
        word={(value) => t(`inbound.state.${value}`)}
        onChange={(state) => onChange({ state })}
      />
      <TextFilter
        label={t("copies.delivery")}
        placeholder={t("copies.deliveryHint")}
        value={search.delivery}
        onChange={(delivery) => onChange({ delivery })}
        width={120}
      />
      <TextFilter
        label={t("inbound.col.message")}
        placeholder="12-345"
        value={search.message}
        onChange={(message) => onChange({ message })}
        width={120}
      />
      {isFiltered(search) && <ClearFilters onClick={() => onChange(NO_FILTER)} />}
    </Toolbar>
  );
}
