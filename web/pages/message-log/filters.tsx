/** The filters of the log; each change is a change of the address. */
import { Button } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { ChoiceFilter } from "../../parts/choice-filter.tsx";
import { ClearFilters } from "../../parts/clear-filters.tsx";
import { TextFilter } from "../../parts/text-filter.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { isFiltered, type LogSearch, REASONS, STATUSES } from "./view-model.ts";

type Props = { search: LogSearch; onChange: (change: LogSearch) => void; onRefresh: () => void; refreshing: boolean };

export function LogFilters({ search, onChange, onRefresh, refreshing }: Props) {
  const { t } = useTranslation();
  return (
    <Toolbar>
      <TextFilter
        search
        label={t("log.recipient")}
        placeholder={t("log.recipientHint")}
        value={search.recipient}
        onChange={(recipient) => onChange({ recipient })}
        width={240}
      />
      <ChoiceFilter
        label={t("log.status")}
        width={180}
        value={search.status}
        values={STATUSES}
        word={(value) => t(`status.${value}`)}
        onChange={(status) => onChange({ status })}
      />
      <ChoiceFilter
        label={t("log.reason")}
        width={160}
        value={search.reason}
        values={REASONS}
        word={(value) => t(`reason.${value}`)}
        onChange={(reason) => onChange({ reason })}
      />
      <TextFilter
        label={t("log.domain")}
        placeholder={t("log.domainHint")}
        value={search.domain}
        onChange={(domain) => onChange({ domain })}
        width={170}
      />
      <Button
        variant="default"
        leftSection={<IconRefresh size={16} aria-hidden />}
        onClick={onRefresh}
        loading={refreshing}
      >
        {t("common.refresh")}
      </Button>
      {isFiltered(search) && (
        <ClearFilters
          onClick={() => onChange({ status: undefined, reason: undefined, domain: undefined, recipient: undefined })}
        />
      )}
    </Toolbar>
  );
}
