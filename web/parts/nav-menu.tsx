/** Appearance, language, keyboard, signing out: what is set once and then forgotten. */
import { Menu, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import {
  IconAdjustments,
  IconCheck,
  IconKeyboard,
  IconLogout,
  IconMoon,
  IconSun,
  IconSunMoon,
  IconUser,
} from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { signOut } from "../api.ts";
import { chooseLanguage, LANGUAGES, type Language } from "../i18n/index.ts";
import { sessionQuery } from "../queries.ts";
import css from "./nav.module.css";

const SCHEMES = [
  { value: "auto", icon: IconSunMoon },
  { value: "light", icon: IconSun },
  { value: "dark", icon: IconMoon },
] as const;

export function NavMenu({ onHelp, folded }: { onHelp: () => void; folded: boolean }) {
  const { t, i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const client = useQueryClient();
  const session = useQuery(sessionQuery);
  const who = session.data?.label ?? "";
  const tick = (here: boolean) => (here ? <IconCheck size={15} aria-hidden /> : null);
  const leave = async () => {
    const next = await signOut();
    if (next !== null) {
      location.assign(next);
      return;
    }
    client.setQueryData(sessionQuery.queryKey, null);
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
  };
  return (
    <Menu position="right-end" width={220} withinPortal>
      <Menu.Target>
        <UnstyledButton
          className={css["place"]}
          aria-label={folded ? t("nav.menu") : `${who}: ${t("nav.menu")}`}
          title={t("nav.menu")}
        >
          <IconAdjustments size={18} stroke={1.7} aria-hidden />
          {!folded && <span className={css["word"]}>{who}</span>}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("nav.scheme.label")}</Menu.Label>
        {SCHEMES.map(({ value, icon: Glyph }) => (
          <Menu.Item
            key={value}
            leftSection={<Glyph size={16} aria-hidden />}
            rightSection={tick(colorScheme === value)}
            onClick={() => setColorScheme(value)}
          >
            {t(`nav.scheme.${value}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Label>{t("nav.language")}</Menu.Label>
        {(Object.keys(LANGUAGES) as Language[]).map((language) => (
          <Menu.Item
            key={language}
            lang={language}
            rightSection={tick(i18n.language === language)}
            onClick={() => void chooseLanguage(language)}
          >
            {LANGUAGES[language]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item component={Link} to="/account" leftSection={<IconUser size={16} aria-hidden />}>
          {t("account.title")}
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={16} aria-hidden />} onClick={onHelp}>
          {t("nav.keys")}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void leave()}>
          {t("nav.signOut")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
