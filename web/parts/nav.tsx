/** Left navigation (icons and words, foldable); below 700 px a bar at the bottom, where the thumb is. */
import { ActionIcon, Menu, UnstyledButton } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import {
  IconArchive,
  IconBlocks,
  IconDots,
  IconFileImport,
  IconInbox,
  IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand,
  IconListDetails,
  IconMailbox,
  IconMailOff,
  IconMessageReport,
  IconRoad,
  IconSend,
  IconSettings,
  IconShieldX,
  IconTemplate,
  IconWorld,
  type Icon,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { textCountsQuery } from "../queries-bounces.ts";
import { Logo } from "./logo.tsx";
import { NavMenu } from "./nav-menu.tsx";
import css from "./nav.module.css";
import { useFormats } from "./use-now.ts";

/** Parted by use: what one works with each day; who gets nothing; what the platform is set up with. */
const GROUPS = [
  [
    { to: "/deliveries", word: "deliveries", icon: IconSend },
    { to: "/messages", word: "messages", icon: IconListDetails },
    { to: "/imports", word: "imports", icon: IconFileImport },
    { to: "/templates", word: "templates", icon: IconTemplate },
    { to: "/blocks", word: "blocks", icon: IconBlocks },
  ],
  [
    { to: "/quarantine", word: "quarantine", icon: IconShieldX },
    { to: "/unsubscriptions", word: "unsubscriptions", icon: IconMailOff },
    { to: "/reply-texts", word: "bounces", icon: IconMessageReport },
    { to: "/inbound-mails", word: "inbound", icon: IconInbox },
  ],
  [
    { to: "/sending", word: "sending", icon: IconRoad },
    { to: "/archive", word: "archive", icon: IconArchive },
    { to: "/domains", word: "domains", icon: IconWorld },
    { to: "/settings", word: "settings", icon: IconSettings },
    { to: "/sandbox", word: "sandbox", icon: IconMailbox },
  ],
] as const;
type Place = (typeof GROUPS)[number][number];

/** Pages that are tabs of a place under another address. */
const ALSO: Partial<Record<Place["to"], readonly string[]>> = {
  "/reply-texts": ["/bounce-rules", "/requalifications"],
};

const COUNT_EVERY_MS = 120_000;
/** More does not fit. */
const COUNT_MOST = 99;

/** How many have room in the bar of a phone; the others are behind "More". */
const IN_BAR = 3;
const PLACES: readonly Place[] = GROUPS.flat();

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
        {GROUPS.map((group) => (
          <div key={group[0].to} className={css["group"]}>
            {group.map((place: Place) => (
              <PlaceLink key={place.to} place={place} folded={folded} />
            ))}
          </div>
        ))}
        <More />
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

function PlaceLink({ place: { to, word, icon: Glyph }, folded }: { place: Place; folded: boolean }) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const beside = ALSO[to]?.some((path) => pathname.startsWith(path)) ?? false;
  return (
    <Link
      to={to}
      className={css["place"]}
      data-here={beside || undefined}
      data-more={PLACES.findIndex((each) => each.to === to) >= IN_BAR || undefined}
      activeProps={{ "data-here": true }}
      title={folded ? t(`nav.${word}`) : undefined}
    >
      <Glyph size={18} stroke={1.7} aria-hidden />
      <span className={css["word"]}>{t(`nav.${word}`)}</span>
      {to === "/reply-texts" && <TextsToQualify />}
    </Link>
  );
}

/** Nobody else notices that a new answer came which no rule knows. */
function TextsToQualify() {
  const { t } = useTranslation();
  const formats = useFormats();
  const count = useQuery({ ...textCountsQuery, refetchInterval: COUNT_EVERY_MS }).data?.toQualify ?? 0;
  if (count === 0) return null;
  const n = formats.int(count);
  return (
    <span className={css["waiting"]} title={t("bounces.toQualify", { count, n })}>
      {count > COUNT_MOST ? `${formats.int(COUNT_MOST)}+` : n}
    </span>
  );
}

/** On a phone only. */
function More() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const hidden = PLACES.slice(IN_BAR);
  const here = hidden.some(({ to }) => [to, ...(ALSO[to] ?? [])].some((path) => pathname.startsWith(path)));
  return (
    <Menu position="top-end" width={220} withinPortal>
      <Menu.Target>
        <UnstyledButton className={`${css["place"]} ${css["moreButton"]}`} data-here={here || undefined}>
          <IconDots size={18} stroke={1.7} aria-hidden />
          <span className={css["word"]}>{t("nav.more")}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {hidden.map(({ to, word, icon }) => (
          <MoreItem key={to} to={to} word={t(`nav.${word}`)} icon={icon} />
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function MoreItem({ to, word, icon: Glyph }: { to: Place["to"]; word: string; icon: Icon }) {
  return (
    <Menu.Item component={Link} to={to} leftSection={<Glyph size={16} aria-hidden />}>
      {word}
    </Menu.Item>
  );
}
