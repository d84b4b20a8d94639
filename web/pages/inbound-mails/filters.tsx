/** The filters of inbound mail; each change is a change of the address. */
import { Button, NativeSelect } from "@mantine/core";
import { IconFilterOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { TextFilter } from "../../parts/text-filter.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { type InboundSearch, isFiltered, KINDS, NO_FILTER, OUTCOMES, STATES } from "./view-model.ts";

type Props = { search: InboundSearch; onChange: (change: InboundSearch) => void };

export function InboundFilters({ search, onChange }: Props) {
  const { t } = useTranslation();
  const any = { value: "", label: t("log.any") };
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
      <NativeSelect
        label={t("inbound.col.kind")}
        w={160}
        value={search.kind ?? ""}
        data={[any, ...KINDS.map((value) => ({ value, label: t(`inbound.kind.${value}`) }))]}
        onChange={(event) => onChange({ kind: KINDS.find((each) => each === event.currentTarget.value) })}
      />
      <NativeSelect
        label={t("inbound.col.outcome")}
        w={180}
        value={search.outcome ?? ""}
        data={[any, ...OUTCOMES.map((value) => ({ value, label: t(`inbound.outcome.${value}`) }))]}
        onChange={(event) => onChange({ outcome: OUTCOMES.find((each) => each === event.currentTarget.value) })}
      />
      <NativeSelect
        label={t("inbound.processing")}
        w={140}
        value={search.state ?? ""}
        data={[any, ...STATES.map((value) => ({ value, label: t(`inbound.state.${value}`) }))]}
        onChange={(event) => onChange({ state: STATES.find((each) => each === event.currentTarget.value) })}
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
      {isFiltered(search) && (
        <Button
          variant="subtle"
          leftSection={<IconFilterOff size={16} aria-hidden />}
          onClick={() => onChange(NO_FILTER)}
        >
          {t("log.clearFilters")}
        </Button>
      )}
    </Toolbar>
  );
}
