/** The operator's rules, the first that matches first; arrows change the order at once. */
import { ActionIcon } from "@mantine/core";
import { IconAlertTriangle, IconArrowDown, IconArrowUp, IconCircleCheck, IconToggleLeft } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { type ReactNode, useCallback, useLayoutEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";

import type { Page } from "../../../src/contract/index.ts";
import { post } from "../../api.ts";
import type { Formats } from "../../format.ts";
import { Badge } from "../../parts/badge.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { useFormats } from "../../parts/use-now.ts";
import { type MxRule, rulesQuery } from "../../queries-sending.ts";
import css from "./mx-rules.module.css";
import { inOrder, moved } from "./view-model.ts";

const column = columnsOf<MxRule>();

type Move = (id: string, step: 1 | -1) => void;

function ruleColumns(t: TFunction, formats: Formats, move: Move): Columns<MxRule> {
  const range = ({ min, max }: { min: number; max: number }) =>
    min === max ? formats.int(min) : t("rules.range", { min: formats.int(min), max: formats.int(max) });
  return [
    column.accessor("name", {
      header: t("rules.col.name"),
      meta: { width: "20%" },
      cell: ({ row: { original } }) => (
        <Link className={rowLinkClass} data-row-link to="/sending/rules/$id" params={{ id: original.id }}>
          <span className={css["position"]}>{original.position}</span> {original.name}
        </Link>
      ),
    }),
    column.accessor("mx", {
      header: t("rules.col.mx"),
      cell: (info) => (
        <span className="mono" title={info.getValue().join("\n")}>
          {info.getValue().join(" ")}
        </span>
      ),
    }),
    column.accessor("sources", {
      header: t("rules.col.sources"),
      meta: { num: true, width: "84px", hide: "medium" },
      cell: (info) => {
        const sources = info.getValue();
        if (sources === null) return <span className="muted">{t("rules.allSources")}</span>;
        return range({ min: sources.from, max: sources.to });
      },
    }),
    column.accessor("connections", {
      header: t("rules.col.connections"),
      meta: { num: true, width: "96px", hide: "narrow" },
      cell: (info) => range(info.getValue()),
    }),
    column.accessor("messagesPerHour", {
      header: t("rules.col.perHour"),
      meta: { num: true, width: "128px", hide: "narrow" },
      cell: (info) => {
        const limit = info.getValue();
        return limit === null ? <span className="muted">{t("sending.noLimit")}</span> : range(limit);
      },
    }),
    column.accessor("tls", {
      header: t("rules.col.tls"),
      meta: { width: "96px", hide: "medium" },
      cell: ({ row: { original } }) => (
        <span title={t(`rules.tlsMeaning.${original.tls}`)}>{t(`rules.tls.${original.tls}`)}</span>
      ),
    }),
    column.display({
      id: "state",
      header: t("rules.col.state"),
      meta: { width: "138px", hide: "narrow" },
      cell: ({ row: { original } }) => <State rule={original} />,
    }),
    column.display({
      id: "order",
      header: t("rules.col.order"),
      meta: { width: "88px" },
      cell: ({ row: { original, index }, table }) => (
        <Order
          rule={original}
          isFirst={index === 0}
          isLast={index === table.getRowModel().rows.length - 1}
          move={move}
        />
      ),
    }),
  ];
}

type OrderProps = { rule: MxRule; isFirst: boolean; isLast: boolean; move: Move };

function Order({ rule, isFirst, isLast, move }: OrderProps) {
  const { t } = useTranslation();
  const arrow = (step: 1 | -1, word: "up" | "down", isEnd: boolean, Glyph: typeof IconArrowUp) => (
    <ActionIcon
      className={css["arrow"] ?? ""}
      variant="subtle"
      size={28}
      c="var(--ink)"
      aria-label={t(`rules.${word}`, { name: rule.name })}
      // Not `disabled`: whoever moves a rule to the end by keyboard keeps the focus.
      aria-disabled={isEnd}
      data-disabled={isEnd}
      data-arrow={`${rule.id} ${step}`}
      onClick={() => move(rule.id, step)}
    >
      <Glyph size={16} aria-hidden />
    </ActionIcon>
  );
  return (
    <span className={css["order"]}>
      {arrow(-1, "up", isFirst, IconArrowUp)}
      {arrow(1, "down", isLast, IconArrowDown)}
    </span>
  );
}

function State({ rule }: { rule: MxRule }) {
  const { t } = useTranslation();
  const [warning] = rule.warnings;
  if (warning !== undefined) {
    return <Badge tone="retry" icon={IconAlertTriangle} word={t("rules.warning")} title={warning.message} />;
  }
  return rule.enabled ? (
    <Badge tone="sent" icon={IconCircleCheck} word={t("rules.on")} />
  ) : (
    <Badge tone="excluded" icon={IconToggleLeft} word={t("rules.off")} title={t("rules.offMeaning")} />
  );
}

export function RulesTable({ rules, empty }: { rules: readonly MxRule[] | undefined; empty: ReactNode }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const move = useMove(rules);
  const columns = useMemo(() => ruleColumns(t, formats, move), [t, formats, move]);
  return (
    <DataTable
      label={t("rules.title")}
      columns={columns}
      rows={rules}
      rowId={({ id }) => id}
      skeletons={3}
      empty={empty}
    />
  );
}

/** The new order stands on the screen before the server has it; a refusal puts the old one back. */
function useMove(rules: readonly MxRule[] | undefined): Move {
  const client = useQueryClient();
  const tellError = useToldErrors();
  const key = rulesQuery.queryKey;
  const { mutate } = useMutation({
    mutationFn: (ids: string[]) => post<Page<MxRule>>("/mx-rules/actions/order", { ids }),
    // One after the other: two at once could end in either order.
    scope: { id: "order" },
    onMutate: (ids) =>
      client.setQueryData(key, (before: Page<MxRule> | undefined) =>
        before === undefined ? before : { ...before, data: inOrder(before.data, ids) },
      ),
    onError: tellError,
    onSettled: () => void client.invalidateQueries({ queryKey: key }),
  });
  const ids = useRef<string[]>([]);
  const pressed = useRef<string | null>(null);
  useLayoutEffect(() => {
    ids.current = (rules ?? []).map(({ id }) => id);
    // A row that changes its place in the document loses the focus.
    if (pressed.current !== null) document.querySelector<HTMLElement>(`[data-arrow="${pressed.current}"]`)?.focus();
    pressed.current = null;
  }, [rules]);
  return useCallback(
    (id, step) => {
      const next = moved(ids.current, id, step);
      if (next.join() === ids.current.join()) return;
      pressed.current = `${id} ${step}`;
      mutate(next);
    },
    [mutate],
  );
}
