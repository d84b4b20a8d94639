/** Rows whose order counts: arrows beside each, by mouse and keyboard; the new order is on the screen before the server has it. */
import { ActionIcon } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { useCallback, useLayoutEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import type { Page } from "../../src/contract/index.ts";
import { post } from "../api.ts";
import { inOrder, moved, type Ordered } from "./ordered.ts";
import css from "./row-order.module.css";
import { useToldErrors } from "./told-errors.ts";

export type Move = (id: string, step: 1 | -1) => void;

type Props = { row: { id: string; name: string }; isFirst: boolean; isLast: boolean; move: Move };

export function OrderArrows({ row, isFirst, isLast, move }: Props) {
  const { t } = useTranslation();
  const arrow = (step: 1 | -1, word: "up" | "down", isEnd: boolean, Glyph: typeof IconArrowUp) => (
    <ActionIcon
      className={css["arrow"] ?? ""}
      variant="subtle"
      size={28}
      c="var(--ink)"
      aria-label={t(`rules.${word}`, { name: row.name })}
      // Not `disabled`: whoever moves a row to the end by keyboard keeps the focus.
      aria-disabled={isEnd}
      data-disabled={isEnd}
      data-arrow={`${row.id} ${step}`}
      onClick={() => move(row.id, step)}
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

/** A row that changes its place in the document loses the focus; the arrow that was told of gets it back. */
export function useArrowFocus(rows: unknown): Move {
  const pressed = useRef<string | null>(null);
  useLayoutEffect(() => {
    if (pressed.current !== null) document.querySelector<HTMLElement>(`[data-arrow="${pressed.current}"]`)?.focus();
    pressed.current = null;
  }, [rows]);
  return useCallback((id, step) => {
    pressed.current = `${id} ${step}`;
  }, []);
}

/** `path` takes `{ids}`. A refusal puts the old order back. */
export function useRowOrder<T extends Ordered>(rows: readonly T[] | undefined, key: QueryKey, path: string): Move {
  const client = useQueryClient();
  const tellError = useToldErrors();
  const { mutate } = useMutation({
    mutationFn: (ids: string[]) => post<Page<T>>(path, { ids }),
    // One after the other: two at once could end in either order.
    scope: { id: `order ${path}` },
    onMutate: (ids) =>
      client.setQueryData(key, (before: Page<T> | undefined) =>
        before === undefined ? before : { ...before, data: inOrder(before.data, ids) },
      ),
    onError: tellError,
    onSettled: () => void client.invalidateQueries({ queryKey: key }),
  });
  const ids = useRef<string[]>([]);
  const keepFocus = useArrowFocus(rows);
  useLayoutEffect(() => {
    ids.current = (rows ?? []).map(({ id }) => id);
  }, [rows]);
  return useCallback(
    (id, step) => {
      const next = moved(ids.current, id, step);
      if (next.join() === ids.current.join()) return;
      keepFocus(id, step);
      mutate(next);
    },
    [mutate, keepFocus],
  );
}
