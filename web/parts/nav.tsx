/** Left navigation (icons and words, foldable); below 700 px a bar at the bottom, where the thumb is. */
import { ActionIcon } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import {
  IconFileImport,
  IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand,
  IconListDetails,
  IconMailbox,
  IconSend,
  IconShieldX,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { Logo } from "./logo.tsx";
import { NavMenu } from "./nav-menu.tsx";
import css from "./nav.module.css";

const PLACES = [
  { to: "/deliveries", word: "deliveries", icon: IconSend },
  { to: "/messages", word: "messages", icon: IconListDetails },
  { to: "/imports", word: "imports", icon: IconFileImport },
  { to: "/quarantine", word: "quarantine", icon: IconShieldX },
  { to: "/sandbox", word: "sandbox", icon: IconMailbox },
] as const;

export function Nav({ onHelp }: { onHelp: () => void }) {
  const { t } = useTranslation();
  const [folded, setFolded] = useLocalStorage({
    key: "envoi.nav-folded",
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  const Fold = folded ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse;
  return (
    <nav aria-label={t("nav.label")} className={css["nav"]} data-folded={folded || undefined}>
      <div className={css["top"]}>
        <Link to="/deliveries" className={css["brand"]} aria-label={t("app.name")}>
          <Logo />
          <span className={css["word"]}>{t("app.name")}</span>
        </Link>
        <div className={css["menuTop"]}>
          <NavMenu onHelp={onHelp} folded />
        </div>
      </div>
      <div className={css["places"]}>
        {PLACES.map(({ to, word, icon: Glyph }) => (
          <Link
            key={to}
            to={to}
            className={css["place"]}
            activeProps={{ "data-here": true }}
            title={folded ? t(`nav.${word}`) : undefined}
          >
            <Glyph size={18} stroke={1.7} aria-hidden />
            <span className={css["word"]}>{t(`nav.${word}`)}</span>
          </Link>
        ))}
      </div>
      <div className={css["bottom"]}>
        <NavMenu onHelp={onHelp} folded={folded} />
        <ActionIcon
          variant="subtle"
          size={36}
          c="var(--muted)"
          onClick={() => setFolded(!folded)}
          aria-label={folded ? t("nav.unfold") : t("nav.fold")}
        >
          <Fold size={18} stroke={1.7} aria-hidden />
        </ActionIcon>
      </div>
    </nav>
  );
}
