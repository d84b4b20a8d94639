/** Everybody who may sign in: whether they can, what they may, when they last did. */
import {
  IconCircleCheck,
  IconCircleDashed,
  IconLock,
  IconMail,
  IconMailOff,
  IconShieldCheck,
  IconUserCog,
  type Icon,
} from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { Operator } from "../../../src/contract/operators.ts";
import { Badge } from "../../parts/badge.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { NewButton } from "../../parts/new-button.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { useNow } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { operatorsQuery } from "../../queries-operators.ts";
import { AccessHead } from "./access-head.tsx";
import { type OperatorState, STATE_TONE, stateOf } from "./view-model.ts";

const column = columnsOf<Operator>();

const STATE_ICON: Record<OperatorState, Icon> = {
  active: IconCircleCheck,
  invited: IconMail,
  "invitation-over": IconMailOff,
  locked: IconLock,
  disabled: IconCircleDashed,
};

export function OperatorBadge({ operator }: { operator: Operator }) {
  const { t } = useTranslation();
  const state = stateOf(operator, useNow(10));
  return (
    <Badge
      tone={STATE_TONE[state]}
      icon={STATE_ICON[state]}
      word={t(`access.state.${state}`)}
      title={t(`access.stateMeaning.${state}`)}
    />
  );
}

function operatorColumns(t: TFunction): Columns<Operator> {
  const dash = <span className="muted">–</span>;
  return [
    column.accessor("login", {
      header: t("access.login"),
      meta: { width: "26%" },
      cell: ({ row: { original } }) => (
        <Link
          className={rowLinkClass}
          data-row-link
          to="/operators/$id"
          params={{ id: original.id }}
          title={`${original.login} (${original.name})`}
        >
          {original.login}
        </Link>
      ),
    }),
    column.accessor("name", { header: t("access.name"), meta: { hide: "narrow" } }),
    column.display({
      id: "state",
      header: t("access.col.state"),
      meta: { width: "150px" },
      cell: ({ row: { original } }) => <OperatorBadge operator={original} />,
    }),
    column.display({
      id: "roles",
      header: t("access.roles"),
      meta: { hide: "medium" },
      cell: ({ row: { original } }) => {
        const roles = [...new Set([...original.roles, ...original.inherited])].map((role) => t(`role.${role}`));
        return roles.length === 0 ? dash : <span title={roles.join(", ")}>{roles.join(", ")}</span>;
      },
    }),
    column.display({
      id: "groups",
      header: t("access.groups"),
      meta: { hide: "medium" },
      cell: ({ row: { original } }) => original.groups.map(({ name }) => name).join(", ") || dash,
    }),
    column.accessor("secondFactor", {
      header: t("access.secondFactor"),
      meta: { width: "116px", hide: "narrow" },
      cell: (info) =>
        info.getValue() ? <Badge tone="sent" icon={IconShieldCheck} word={t("access.on")} /> : t("access.off"),
    }),
    column.accessor("signedInAt", {
      header: t("access.signedIn"),
      meta: { num: true, width: "120px", hide: "narrow" },
      cell: (info) => (info.getValue() === null ? t("access.never") : <When iso={info.getValue()} />),
    }),
  ];
}

export function Operators() {
  const { t } = useTranslation();
  const query = useInfiniteQuery(operatorsQuery);
  const columns = useMemo(() => operatorColumns(t), [t]);
  const rows = query.data?.pages.flatMap((page) => page.data);
  return (
    <>
      <AccessHead intro={t("access.intro")} actions={<NewButton to="/operators/$id" word={t("access.new")} />} />
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("access.tab.operators")}
          columns={columns}
          rows={rows}
          rowId={(row) => row.id}
          empty={
            <Empty icon={IconUserCog} title={t("access.emptyTitle")} text={t("access.emptyText")}>
              <NewButton to="/operators/$id" word={t("access.new")} />
            </Empty>
          }
        />
      )}
      <MoreRows query={query} shown={rows?.length ?? 0} />
    </>
  );
}
