/** The frame of every page: title, what surrounds it, the one primary action top right, then the content. */
import type { ReactNode } from "react";
import { useEffect } from "react";

import { useMayWrite } from "./may.tsx";
import css from "./page.module.css";

export function PageHead({
  title,
  before,
  beside,
  actions,
}: {
  title: string;
  /** Small line above the title. */
  before?: ReactNode;
  /** Right of the title: the state. */
  beside?: ReactNode;
  /** Only for who may change what the page shows. */
  actions?: ReactNode;
}) {
  const mayWrite = useMayWrite();
  useEffect(() => {
    document.title = `${title} · Envoi`;
  }, [title]);
  return (
    <header className={css["head"]}>
      <div className={css["titles"]}>
        {before !== undefined && <div className={css["before"]}>{before}</div>}
        <div className={css["line"]}>
          <h1 className={css["title"]} title={title}>
            {title}
          </h1>
          {beside}
        </div>
      </div>
      {actions !== undefined && mayWrite && <div className={css["actions"]}>{actions}</div>}
    </header>
  );
}

type SectionProps = { title: string; beside?: ReactNode; children: ReactNode; id?: string };

export function Section({ title, beside, children, id }: SectionProps) {
  return (
    <section id={id} className={css["section"]}>
      <div className={css["sectionHead"]}>
        <h2>{title}</h2>
        {beside}
      </div>
      {children}
    </section>
  );
}
