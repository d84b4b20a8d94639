/** Typologies: the sets of rules that deliveries are analysed by. */
import { IconLock, IconPencil, IconStar } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { TypologySummary } from "../../../src/contract/typologies.ts";
import { Badge } from "../../parts/badge.tsx";
import { type Columns, columnsOf } from "../../parts/data-table.tsx";
import { FetchedTable } from "../../parts/fetched-table.tsx";
import { NewButton } from "../../parts/new-button.tsx";
import { PageHead } from "../../parts/page.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { When } from "../../parts/when.tsx";
import { typologiesQuery } from "../../queries-typologies.ts";
import css from "./typologies.module.css";

const column = columnsOf<TypologySummary>();

function typologyColumns(t: TFunction): Columns<TypologySummary> {
  return [
    column.accessor("name", {
      header: t("typologies.name"),
      cell: ({ row: { original } }) => (
        <Link
          className={rowLinkClass}
          data-row-link
          to="/typologies/$id"
          params={{ id: original.id }}
          title={original.description || original.name}
        >
          {original.name}
        </Link>
      ),
    }),
    column.accessor("isDefault", {
      header: t("typologies.col.default"),
      meta: { width: "130px" },
      cell: (info) => info.getValue() && <Badge tone={null} icon={IconStar} word={t("typologies.default")} />,
    }),
    column.accessor("ownRules", {
      header: t("typologies.col.own"),
      meta: { num: true, width: "120px", hide: "narrow" },
    }),
    column.accessor("changedRules", {
      header: t("typologies.col.changed"),
      meta: { num: true, width: "150px", hide: "narrow" },
    }),
    column.accessor("builtIn", {
      header: t("templates.col.kind"),
      meta: { width: "130px", hide: "medium" },
      cell: (info) => (
        <Badge
          tone={null}
          icon={info.getValue() ? IconLock : IconPencil}
          word={t(info.getValue() ? "templates.builtIn" : "templates.own")}
        />
      ),
    }),
    column.accessor("updatedAt", {
      header: t("templates.col.updated"),
      meta: { width: "120px", hide: "medium" },
      cell: (info) => <When iso={info.getValue()} />,
    }),
  ];
}

export function Typologies() {
  const { t } = useTranslation();
  const query = useQuery(typologiesQuery);
  const columns = useMemo(() => typologyColumns(t), [t]);
  return (
    <>
      <PageHead title={t("typologies.title")} actions={<NewButton to="/typologies/$id" word={t("typologies.new")} />} />
      <p className={css["intro"]}>{t("typologies.intro")}</p>
      <FetchedTable query={query} label={t("typologies.title")} columns={columns} rowId={({ id }) => id} />
    </>
  );
}
