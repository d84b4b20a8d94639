/**
 * The right drawer: details beside a list that keeps its place, its scroll and its focus order. Not modal on purpose:
 * the list stays usable, so the next row is one key away. Escape closes it and gives the focus back.
 */
import { ActionIcon } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import css from "./drawer.module.css";

type Props = { title: string; beside?: ReactNode; onClose: () => void; wide?: boolean; children: ReactNode };

export function Drawer({ title, beside, onClose, wide = false, children }: Props) {
  const { t } = useTranslation();
  const panel = useRef<HTMLElement>(null);
  const close = useRef(onClose);
  close.current = onClose;

  useEffect(() => {
    const before = document.activeElement;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape" && document.querySelector('[aria-modal="true"]') === null) close.current();
    };
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("keydown", onKey);
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);

  return (
    <aside ref={panel} className={css["drawer"]} data-wide={wide || undefined} aria-label={title}>
      <header className={css["head"]}>
        <h2 className={css["title"]} title={title}>
          {title}
        </h2>
        {beside}
        <ActionIcon variant="subtle" color="gray" c="var(--ink)" onClick={onClose} aria-label={t("common.close")}>
          <IconX size={18} aria-hidden />
        </ActionIcon>
      </header>
      <div className={css["body"]}>{children}</div>
    </aside>
  );
}
