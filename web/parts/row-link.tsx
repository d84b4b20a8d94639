/** What opens a row: a real button (drawers) so that Enter, Space and screen readers work without help. */
import type { ReactNode } from "react";

import css from "./row-link.module.css";

export function RowButton({ onOpen, children, title }: { onOpen: () => void; children: ReactNode; title?: string }) {
  return (
    <button type="button" className={css["row"]} data-row-link onClick={onOpen} title={title}>
      {children}
    </button>
  );
}

/** The class for router links that open a row; give them `data-row-link` too. */
export const rowLinkClass = css["row"] ?? "";
