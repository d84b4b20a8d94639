/** The one card of the pages in front of the door. */
import type { FormEvent, ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Logo } from "../../parts/logo.tsx";
import css from "./sign-in.module.css";

export function Frame({ title, onSubmit, children }: { title: string; onSubmit: () => void; children: ReactNode }) {
  const { t } = useTranslation();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <main className={css["page"]}>
      <form className={css["card"]} onSubmit={submit}>
        <div className={css["brand"]}>
          <Logo /> {t("app.name")}
        </div>
        <h1 className={css["title"]}>{title}</h1>
        {children}
      </form>
    </main>
  );
}
