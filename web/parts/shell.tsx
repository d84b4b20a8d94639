/** Navigation, content, keyboard: the frame around every signed-in page. */
import { Outlet } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";

import { Guarded } from "./guarded.tsx";
import { HeldBanner } from "./held-banner.tsx";
import { KeysHelp } from "./keys-help.tsx";
import { useKeys } from "./keys.ts";
import { Nav } from "./nav.tsx";
import css from "./shell.module.css";

export function Shell() {
  const { t } = useTranslation();
  const [help, setHelp] = useState(false);
  const openHelp = useCallback(() => setHelp(true), []);
  useKeys(openHelp);
  return (
    <div className={css["shell"]}>
      <a href="#content" className={css["skip"]}>
        {t("app.skip")}
      </a>
      <Nav onHelp={openHelp} />
      <main id="content" className={css["main"]} tabIndex={-1}>
        <div className={css["content"]}>
          <HeldBanner />
          <Guarded>
            <Outlet />
          </Guarded>
        </div>
      </main>
      <KeysHelp opened={help} onClose={() => setHelp(false)} />
    </div>
  );
}
