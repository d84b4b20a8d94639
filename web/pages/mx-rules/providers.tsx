/** The providers that files know: read-only, each a door to its lanes. */
import { TextInput } from "@mantine/core";
import { IconFilterOff, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Formats } from "../../format.ts";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { Section } from "../../parts/page.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { type Provider, providersQuery } from "../../queries-sending.ts";
import css from "./mx-rules.module.css";
import { matching } from "./view-model.ts";

const column = columnsOf<Provider>();

function providerColumns(t: TFunction, formats: Formats): Columns<Provider> {
  return [
    column.accessor("label", {
      header: t("providers.col.name"),
      meta: { width: "24%" },
      cell: ({ row: { original } }) => (
        <Link
          className={rowLinkClass}
          data-row-link
          to="/sending"
          search={{ provider: original.name }}
          title={original.label}
        >
          {original.label} <span className={css["name"]}>{original.name}</span>
        </Link>
      ),
    }),
    column.accessor("mx", {
      header: t("providers.col.mx"),
      cell: (info) => (
        <span className="mono" title={info.getValue().join("\n")}>
          {info.getValue().join(" ")}
        </span>
      ),
    }),
    column.accessor("warmUp", {
      header: t("providers.col.warmUp"),
      meta: { num: true, width: "96px", hide: "narrow" },
      cell: (info) => {
        const curve = info.getValue();
        if (curve === null) return <span className="muted">{t("providers.defaultCurve")}</span>;
        return (
          <span title={curve.map(formats.int).join(" · ")}>
            {t("providers.days", { count: curve.length, n: formats.int(curve.length) })}
          </span>
        );
      },
    }),
    column.accessor("reactions", {
      header: t("providers.col.reactions"),
      meta: { num: true, width: "128px", hide: "narrow" },
      cell: (info) => <span title={info.getValue().join("\n")}>{formats.int(info.getValue().length)}</span>,
    }),
  ];
}

export function Providers() {
  const { t } = useTranslation();
  const formats = useFormats();
  const query = useQuery(providersQuery);
  const [words, setWords] = useState("");
  const columns = useMemo(() => providerColumns(t, formats), [t, formats]);
  const rows = query.data === undefined ? undefined : matching(query.data.data, words);
  return (
    <Section
      title={t("providers.title")}
      beside={
        <TextInput
          size="xs"
          w={200}
          aria-label={t("providers.filter")}
          placeholder={t("providers.filter")}
          leftSection={<IconSearch size={14} aria-hidden />}
          data-search
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
      }
    >
      <p className={css["intro"]}>{t("providers.intro")}</p>
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          compact
          label={t("providers.title")}
          columns={columns}
          rows={rows}
          rowId={({ name }) => name}
          empty={<Empty icon={IconFilterOff} title={t("providers.noMatch")} />}
        />
      )}
    </Section>
  );
}
