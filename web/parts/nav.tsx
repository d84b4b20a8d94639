/** Left navigation (icons and words, foldable); below 700 px a bar at the bottom, where the thumb is. */
import { ActionIcon, Menu, UnstyledButton } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconDots, IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand, type Icon } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "@tanstack/react-router";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";

import { textCountsQuery } from "../queries-bounces.ts";
import { Logo } from "./logo.tsx";
import { useRights } from "./may.tsx";
import { NavMenu } from "./nav-menu.tsx";
import css from "./nav.module.css";
import { entryOf, GROUPS, isBelow, type Place } from "./places.ts";
import { useFormats } from "./use-now.ts";

const COUNT_EVERY_MS = 120_000;
/** More does not fit. */
const COUNT_MOST = 99;

/** How many have room in the bar of a phone; the others are behind "More". */
const IN_BAR = 3;

/** A place as somebody may open it. */
type Entry = Omit<Place, "icon"> & { icon: Icon; entry: string };
type Group = { word: (typeof GROUPS)[number]["word"]; places: Entry[] };

function useGroups(): Group[] {
  const rights = useRights();
  return GROUPS.map(({ word, places }) => ({
    word,
    places: places.flatMap((place: Place) => {
      const entry = entryOf(place.to, rights);
      return entry === null ? [] : [{ ...place, entry }];
    }),
  })).filter(({ places }) => places.length > 0);
}

export function Nav({ onHelp }: { onHelp: () => void }) {
  const { t } = useTranslation();
  const groups = useGroups();
  const inBar = groups.flatMap(({ places }) => places).slice(0, IN_BAR);
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
        {groups.map(({ word, places }) => (
          <div key={word} className={css["group"]} role="group" aria-label={t(`nav.group.${word}`)}>
            <span className={css["groupWord"]} aria-hidden>
              {t(`nav.group.${word}`)}
            </span>
            {places.map((place) => (
              <PlaceLink key={place.to} place={place} folded={folded} inBar={inBar.includes(place)} />
            ))}
          </div>
        ))}
        <More groups={groups} inBar={inBar} />
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

type PlaceProps = { place: Entry; folded: boolean; inBar: boolean };

function PlaceLink({ place: { to, entry, word, icon: Glyph }, folded, inBar }: PlaceProps) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  return (
    <Link
      to={entry as Place["to"]}
      className={css["place"]}
      data-here={isBelow(pathname, to) || undefined}
      data-more={!inBar || undefined}
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
function More({ groups, inBar }: { groups: readonly Group[]; inBar: readonly Entry[] }) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const rest = groups
    .map(({ word, places }) => ({ word, places: places.filter((place) => !inBar.includes(place)) }))
    .filter(({ places }) => places.length > 0);
  if (rest.length === 0) return null;
  const here = rest.some(({ places }) => places.some(({ to }) => isBelow(pathname, to)));
  return (
    <Menu position="top-end" width={240} withinPortal>
      <Menu.Target>
        <UnstyledButton className={`${css["place"]} ${css["moreButton"]}`} data-here={here || undefined}>
          <IconDots size={18} stroke={1.7} aria-hidden />
          <span className={css["word"]}>{t("nav.more")}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown mah="70vh" style={{ overflowY: "auto" }}>
        {rest.map(({ word, places }) => (
          <Fragment key={word}>
            <Menu.Label>{t(`nav.group.${word}`)}</Menu.Label>
            {places.map((place) => (
              <MoreItem key={place.to} place={place} />
            ))}
          </Fragment>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function MoreItem({ place: { entry, word, icon: Glyph } }: { place: Entry }) {
  const { t } = useTranslation();
  return (
    <Menu.Item component={Link} to={entry as Place["to"]} leftSection={<Glyph size={16} aria-hidden />}>
      {t(`nav.${word}`)}
    </Menu.Item>
  );
}
