/** Groups of operators: whoever is in one has its roles. */
import { IconUsersGroup } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { OperatorGroup } from "../../../src/contract/operators.ts";
import type { Formats } from "../../format.ts";
import { type Columns, columnsOf } from "../../parts/data-table.tsx";
import { FetchedTable } from "../../parts/fetched-table.tsx";
import { NewButton } from "../../parts/new-button.tsx";
import { Empty } from "../../parts/notice.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { groupsQuery } from "../../queries-operators.ts";
import { AccessHead } from "./access-head.tsx";

const column = columnsOf<OperatorGroup>();

function groupColumns(t: TFunction, formats: Formats): Columns<OperatorGroup> {
  return [
    column.accessor("name", {
      header: t("access.name"),
      meta: { width: "30%" },
      cell: ({ row: { original } }) => (
        <Link className={rowLinkClass} data-row-link to="/operators/groups/$id" params={{ id: original.id }}>
          {original.name}
        </Link>
      ),
    }),
    column.display({
      id: "roles",
      header: t("access.roles"),
      meta: { hide: "narrow" },
      cell: ({ row: { original } }) => original.roles.map((role) => t(`role.${role}`)).join(", ") || "–",
    }),
    column.display({
      id: "members",
      header: t("access.members"),
      meta: { num: true, width: "110px" },
      cell: ({ row: { original } }) => (
        <span title={original.members.map(({ login }) => login).join(", ")}>
          {formats.int(original.members.length)}
        </span>
      ),
    }),
  ];
}

export function Groups() {
  const { t } = useTranslation();
  const formats = useFormats();
  const query = useQuery(groupsQuery);
  const columns = useMemo(() => groupColumns(t, formats), [t, formats]);
  return (
    <>
      <AccessHead
        intro={t("access.groupsIntro")}
        actions={<NewButton to="/operators/groups/$id" word={t("access.newGroup")} />}
      />
      <FetchedTable
        query={query}
        label={t("access.groups")}
        columns={columns}
        rowId={(row) => row.id}
        skeletons={3}
        empty={
          <Empty icon={IconUsersGroup} title={t("access.noGroups")} text={t("access.groupsIntro")}>
            <NewButton to="/operators/groups/$id" word={t("access.newGroup")} />
          </Empty>
        }
      />
    </>
  );
}
