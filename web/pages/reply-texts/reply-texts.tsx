/** What servers answered when they did not accept, each text once: what nobody knows yet first. */
import { NativeSelect, SegmentedControl } from "@mantine/core";
import { IconChecks, IconFilterOff, IconMessageReport } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";

import { DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { TextFilter } from "../../parts/text-filter.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { textsQuery } from "../../queries-bounces.ts";
import { ProviderFilter } from "../sending/place-filters.tsx";
import { BouncesHead } from "./bounces-head.tsx";
import { textColumns } from "./columns.tsx";
import { TextDrawer } from "./text-drawer.tsx";
import { isFiltered, type ShownState, shownState, STATES, textFilter, type TextSearch, TYPES } from "./view-model.ts";

const route = getRouteApi("/reply-texts");

export function ReplyTexts() {
  const { t } = useTranslation();
  const formats = useFormats();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(textsQuery(textFilter(search)));
  const change = useCallback(
    (part: TextSearch) =>
      void navigate({ search: (before: TextSearch) => ({ ...before, ...part }), replace: true, resetScroll: false }),
    [navigate],
  );
  const open = useCallback((text: string) => change({ text }), [change]);
  const columns = useMemo(() => textColumns(t, formats, open), [t, formats, open]);
  const rows = query.data?.pages.flatMap((page) => page.data);
  return (
    <>
      <BouncesHead intro={t("texts.intro")} />
      <Filters search={search} onChange={change} />
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("bounces.tab.texts")}
          columns={columns}
          rows={rows}
          rowId={({ id }) => id}
          currentId={search.text}
          empty={<None search={search} />}
        />
      )}
      <MoreRows query={query} shown={rows?.length ?? 0} />
      {search.text !== undefined && (
        <TextDrawer key={search.text} id={search.text} onClose={() => change({ text: undefined })} />
      )}
    </>
  );
}

type FilterProps = { search: TextSearch; onChange: (part: TextSearch) => void };

function Filters({ search, onChange }: FilterProps) {
  const { t } = useTranslation();
  return (
    <Toolbar>
      <SegmentedControl
        aria-label={t("texts.states")}
        value={shownState(search)}
        data={STATES.map((value) => ({ value, label: t(`texts.state.${value}`) }))}
        onChange={(value) => {
          const state = value as ShownState;
          onChange({ state: state === "to-qualify" ? undefined : state, text: undefined });
        }}
      />
      <TextFilter
        search
        label={t("texts.search")}
        placeholder={t("texts.searchHint")}
        value={search.find}
        onChange={(find) => onChange({ find })}
        width={240}
      />
      <ProviderFilter value={search.provider} onChange={(provider) => onChange({ provider })} />
      <NativeSelect
        label={t("bounces.type")}
        w={140}
        value={search.type ?? ""}
        data={[
          { value: "", label: t("texts.anyType") },
          ...TYPES.map((value) => ({ value, label: t(`type.${value}`) })),
        ]}
        onChange={(event) => onChange({ type: TYPES.find((each) => each === event.currentTarget.value) })}
      />
    </Toolbar>
  );
}

function None({ search }: { search: TextSearch }) {
  const { t } = useTranslation();
  if (isFiltered(search) || search.state === "keep" || search.state === "ignore") {
    return <Empty icon={IconFilterOff} title={t("texts.emptyFiltered")} text={t("log.emptyFilteredText")} />;
  }
  if (search.state === "all") {
    return <Empty icon={IconMessageReport} title={t("texts.empty")} text={t("texts.emptyText")} />;
  }
  return <Empty icon={IconChecks} title={t("texts.nothingToQualify")} text={t("texts.nothingToQualifyText")} />;
}
