/** Operators' rules, the first that applies first; arrows change the order at once. */
import { IconAlertTriangle, IconCircleCheck, IconToggleLeft } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { BounceRuleAnswer } from "../../../src/contract/reply-texts.ts";
import { Badge } from "../../parts/badge.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { type Move, OrderArrows, useRowOrder } from "../../parts/row-order.tsx";
import { bounceRulesQuery } from "../../queries-bounces.ts";
import { VerdictWords } from "../reply-texts/verdict-words.tsx";
import { Applies } from "./applies.tsx";
import css from "./bounce-rules.module.css";

const column = columnsOf<BounceRuleAnswer>();

function ownColumns(t: TFunction, move: Move): Columns<BounceRuleAnswer> {
  return [
    column.accessor("name", {
      header: t("bounceRules.col.name"),
      meta: { width: "24%" },
      cell: ({ row: { original } }) => (
        <Link
          className={rowLinkClass}
          data-row-link
          to="/bounce-rules/$id"
          params={{ id: original.id }}
          search={{}}
          title={original.name}
        >
          <span className={css["position"]}>{original.position}</span> {original.name}
        </Link>
      ),
    }),
    column.display({
      id: "applies",
      header: t("bounceRules.col.applies"),
      meta: { hide: "narrow" },
      cell: ({ row: { original } }) => <Applies rule={original} />,
    }),
    column.accessor("verdict", {
      header: t("bounceRules.col.verdict"),
      meta: { width: "218px", hide: "narrow" },
      cell: ({ row: { original } }) => <VerdictWords {...original.verdict} />,
    }),
    column.display({
      id: "state",
      header: t("bounceRules.col.state"),
      meta: { width: "150px", hide: "medium" },
      cell: ({ row: { original } }) => <State rule={original} />,
    }),
    column.display({
      id: "order",
      header: t("bounceRules.col.order"),
      meta: { width: "88px" },
      cell: ({ row: { original, index }, table }) => (
        <OrderArrows
          row={original}
          isFirst={index === 0}
          isLast={index === table.getRowModel().rows.length - 1}
          move={move}
        />
      ),
    }),
  ];
}

function State({ rule }: { rule: BounceRuleAnswer }) {
  const { t } = useTranslation();
  const [warning] = rule.warnings;
  if (warning !== undefined) {
    return <Badge tone="retry" icon={IconAlertTriangle} word={t("bounceRules.shadowed")} title={warning.message} />;
  }
  return rule.enabled ? (
    <Badge tone="sent" icon={IconCircleCheck} word={t("bounceRules.on")} />
  ) : (
    <Badge tone="excluded" icon={IconToggleLeft} word={t("bounceRules.off")} title={t("bounceRules.offMeaning")} />
  );
}

export function OwnRules({ rules, empty }: { rules: readonly BounceRuleAnswer[] | undefined; empty: ReactNode }) {
  const { t } = useTranslation();
  const move = useRowOrder(rules, bounceRulesQuery.queryKey, "/bounce-rules/actions/order");
  const columns = useMemo(() => ownColumns(t, move), [t, move]);
  return (
    <DataTable
      label={t("bounceRules.title")}
      columns={columns}
      rows={rules}
      rowId={({ id }) => id}
      skeletons={3}
      empty={empty}
    />
  );
}
