/** The filters of the log; each change is a change of the address. */
import { Button, NativeSelect } from "@mantine/core";
import { IconFilterOff, IconRefresh } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { TextFilter } from "../../parts/text-filter.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { isFiltered, type LogSearch, REASONS, STATUSES } from "./view-model.ts";

type Props = { search: LogSearch; onChange: (change: LogSearch) => void; onRefresh: () => void; refreshing: boolean };

export function LogFilters({ search, onChange, onRefresh, refreshing }: Props) {
  const { t } = useTranslation();
  const any = { value: "", label: t("log.any") };
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
      <NativeSelect
        label={t("log.status")}
        w={180}
        value={search.status ?? ""}
        data={[any, ...STATUSES.map((value) => ({ value, label: t(`status.${value}`) }))]}
        onChange={(event) => onChange({ status: STATUSES.find((each) => each === event.currentTarget.value) })}
      />
      <NativeSelect
        label={t("log.reason")}
        w={160}
        value={search.reason ?? ""}
        data={[any, ...REASONS.map((value) => ({ value, label: t(`reason.${value}`) }))]}
        onChange={(event) => onChange({ reason: REASONS.find((each) => each === event.currentTarget.value) })}
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
        <Button
          variant="subtle"
          leftSection={<IconFilterOff size={16} aria-hidden />}
          onClick={() => onChange({ status: undefined, reason: undefined, domain: undefined, recipient: undefined })}
        >
          {t("log.clearFilters")}
        </Button>
      )}
    </Toolbar>
  );
}
