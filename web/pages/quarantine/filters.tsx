/** The filters of the quarantine; each change is a change of the address. The same ones decide what the file has. */
import { Button, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconDownload, IconFileImport } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { ChoiceFilter } from "../../parts/choice-filter.tsx";
import { ClearFilters } from "../../parts/clear-filters.tsx";
import { May } from "../../parts/may.tsx";
import { TextFilter } from "../../parts/text-filter.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { quarantineExportUrl } from "../../queries-quarantine.ts";
import { ProviderFilter } from "../sending/place-filters.tsx";
import { fromLocalField, toLocalField } from "./local-time.ts";
import { filterOf, isFiltered, NO_FILTER, type QuarantineSearch, REASONS, STATUSES } from "./view-model.ts";

type Props = { search: QuarantineSearch; onChange: (change: QuarantineSearch) => void; onImport: () => void };

export function QuarantineFilters({ search, onChange, onImport }: Props) {
  const { t } = useTranslation();
  return (
    <Toolbar>
      <TextFilter
        search
        label={t("quarantine.search")}
        placeholder="name@example.com"
        value={search.address}
        onChange={(address) => onChange({ address })}
        width={250}
      />
      <ChoiceFilter
        label={t("quarantine.col.status")}
        width={150}
        value={search.status}
        values={STATUSES}
        word={(value) => t(`quarantine.status.${value}`)}
        onChange={(status) => onChange({ status })}
      />
      <ChoiceFilter
        label={t("quarantine.col.reason")}
        width={150}
        value={search.reason}
        values={REASONS}
        word={(value) => t(`reason.${value}`)}
        onChange={(reason) => onChange({ reason })}
      />
      <ProviderFilter value={search.provider} onChange={(provider) => onChange({ provider })} />
      <TextFilter
        label={t("log.domain")}
        placeholder={t("log.domainHint")}
        value={search.domain}
        onChange={(domain) => onChange({ domain })}
        width={150}
      />
      <TextFilter
        label={t("quarantine.col.errorText")}
        placeholder={t("quarantine.textHint")}
        value={search.text}
        onChange={(text) => onChange({ text })}
        width={190}
      />
      <SinceFilter value={search.since} onChange={(since) => onChange({ since })} />
      {isFiltered(search) && <ClearFilters onClick={() => onChange(NO_FILTER)} />}
      <May right="people.export">
        <Button
          component="a"
          href={quarantineExportUrl(filterOf(search))}
          download
          variant="default"
          ml="auto"
          leftSection={<IconDownload size={16} aria-hidden />}
          title={t("quarantine.exportHint")}
        >
          {t("quarantine.export")}
        </Button>
      </May>
      <May>
        <Button variant="default" leftSection={<IconFileImport size={16} aria-hidden />} onClick={onImport}>
          {t("quarantine.import")}
        </Button>
      </May>
    </Toolbar>
  );
}

const WAIT_MS = 500;

/** A year is typed digit by digit, and each of them makes a time. */
function SinceFilter({
  value,
  onChange,
}: {
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(toLocalField(value));
  useEffect(() => setTyped(toLocalField(value)), [value]);
  const applyLater = useDebouncedCallback((field: string) => onChange(fromLocalField(field)), WAIT_MS);
  return (
    <TextInput
      type="datetime-local"
      label={t("quarantine.since")}
      w={205}
      max="9999-12-31T23:59"
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        applyLater(event.currentTarget.value);
      }}
    />
  );
}
