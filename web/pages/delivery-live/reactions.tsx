/** Opens, clicks, reactivity, mirror page, unsubscribes: of people, and of all including machines. */
import { Skeleton } from "@mantine/core";
import {
  IconArchive,
  IconBrowser,
  IconClick,
  IconEye,
  IconFlag,
  IconMailOff,
  IconPercentage,
  type Icon,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { Delivery } from "../../../src/contract/index.ts";
import { Failure } from "../../parts/notice.tsx";
import { NotKnown } from "../../parts/not-known.tsx";
import { Section } from "../../parts/page.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { type AllIndicators, indicatorsQuery } from "../../queries.ts";
import type { Tone } from "../../tones.ts";
import { LinkClicks } from "./link-clicks.tsx";
import {
  archiveReactions,
  hasReactivity,
  type ReactionFigure,
  reactionFigures,
  type ReactionName,
} from "./reactions-model.ts";
import css from "./reactions.module.css";

/** The stream does not carry these; people react for days, so there is no hurry. */
const EVERY_MS = 15_000;

const ICON: Record<ReactionName, Icon> = {
  opens: IconEye,
  clicks: IconClick,
  mirrorViews: IconBrowser,
  optOuts: IconMailOff,
};

export function Reactions({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation();
  const query = useQuery({ ...indicatorsQuery(delivery.id), refetchInterval: EVERY_MS });
  const { data } = query;
  if (data === undefined) {
    return query.isError ? (
      <Failure error={query.error} onRetry={() => void query.refetch()} />
    ) : (
      <Skeleton height={150} radius="md" mt={28} />
    );
  }
  return (
    <>
      <Section title={t("reactions.title")} beside={<span className="muted">{t("reactions.explain")}</span>}>
        <ul className={css["figures"]}>
          {reactionFigures(delivery, data).map((figure) => (
            <Figure key={figure.name} delivery={delivery} figure={figure} sent={data.sent} />
          ))}
          <Reactivity delivery={delivery} data={data} />
          <Complaints data={data} />
        </ul>
        <FromArchive delivery={delivery} data={data} />
      </Section>
      <LinkClicks delivery={delivery} tracking={data} />
    </>
  );
}

function Figure({ delivery, figure, sent }: { delivery: Delivery; figure: ReactionFigure; sent: number }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { name, count, estimated, counted } = figure;
  const people = formats.int(count.recipientsHuman);
  const base = { part: people, base: `${formats.int(sent)} ${t("part.sent")}` };
  return (
    <Card name={name} icon={ICON[name]} word={t(`reactions.${name}`)} title={t(`reactions.meaning.${name}`)}>
      {counted ? (
        <>
          <Door name={name} id={delivery.id}>
            <span className={css["count"]}>{people}</span>
          </Door>
          <span className={css["share"]} title={t("common.ofBase", base)}>
            {formats.percent(count.recipientsHuman, sent) ?? " "}
          </span>
          <dl className={css["more"]}>
            <div>
              <dt>{t("reactions.total")}</dt>
              <dd>{formats.int(count.totalHuman)}</dd>
            </div>
            <div title={t("reactions.detail.recipients")}>
              <dt>{t("reactions.withMachines")}</dt>
              <dd>
                {formats.int(count.recipients)} <span className="muted">/ {formats.int(count.total)}</span>
              </dd>
            </div>
            {estimated !== null && (
              <div title={t("reactions.detail.estimated")}>
                <dt>{t("reactions.estimated")}</dt>
                <dd>
                  {formats.int(estimated.recipientsHuman)}{" "}
                  <span className="muted">/ {formats.int(estimated.recipients)}</span>
                </dd>
              </div>
            )}
          </dl>
        </>
      ) : (
        <p className={css["off"]}>{t(name === "mirrorViews" ? "reactions.noMirror" : "reactions.notTracked")}</p>
      )}
    </Card>
  );
}

function Reactivity({ delivery, data }: { delivery: Delivery; data: AllIndicators }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { clicks, opens, reactivity, reactivityHuman } = data;
  const base = {
    part: `${formats.int(clicks.recipientsHuman)} ${t("reactions.clicks")}`,
    base: `${formats.int(opens.recipientsHuman)} ${t("reactions.opens")}`,
  };
  const pairs: [string, string, string, string][] = [
    ["machines", t("reactions.withMachines"), reactivity === null ? "–" : formats.share(reactivity), ""],
    ["persons", t("reactions.persons"), formats.int(clicks.personsHuman), formats.int(clicks.persons)],
    [
      "forwards",
      t("reactions.forwards"),
      formats.int(data.estimatedForwardsHuman),
      formats.int(data.estimatedForwards),
    ],
  ];
  return (
    <Card
      name="reactivity"
      icon={IconPercentage}
      word={t("reactions.reactivity")}
      title={t("reactions.meaning.reactivity")}
    >
      {hasReactivity(delivery) ? (
        <>
          <span className={css["count"]} title={t("common.ofBase", base)}>
            {reactivityHuman === null ? <NotKnown /> : formats.share(reactivityHuman)}
          </span>
          <span className={css["share"]}> </span>
          <dl className={css["more"]}>
            {pairs.map(([name, word, people, all]) => (
              <div key={name} title={t(`reactions.detail.${name as "persons"}`)}>
                <dt>{word}</dt>
                <dd>
                  {people} {all !== "" && <span className="muted">/ {all}</span>}
                </dd>
              </div>
            ))}
          </dl>
        </>
      ) : (
        <p className={css["off"]}>{t("reactions.notTracked")}</p>
      )}
    </Card>
  );
}

/** Of those who got it: the figure that mailbox providers go by. */
function Complaints({ data: { complaints, sent } }: { data: AllIndicators }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const count = formats.int(complaints);
  return (
    <Card
      name="complaints"
      icon={IconFlag}
      word={t("reactions.complaints")}
      title={t("reactions.meaning.complaints")}
      tone={complaints > 0 ? "failed" : null}
    >
      <span className={css["count"]}>{count}</span>
      <span
        className={css["share"]}
        title={t("common.ofBase", { part: count, base: `${formats.int(sent)} ${t("part.sent")}` })}
      >
        {formats.percent(complaints, sent) ?? " "}
      </span>
    </Card>
  );
}

function FromArchive({ delivery, data }: { delivery: Delivery; data: AllIndicators }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const counts = archiveReactions(delivery, data);
  if (counts === null) return null;
  return (
    <div className={css["archive"]} title={t("reactions.detail.archive")} data-reaction="archive">
      <span className={css["word"]}>
        <IconArchive size={15} stroke={2} aria-hidden />
        {t("reactions.archive")}
      </span>
      <dl>
        {counts.map(({ name, count }) => (
          <div key={name}>
            <dt>{t(`reactions.${name}`)}</dt>
            <dd>{formats.int(count)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

type CardProps = {
  name: string;
  icon: Icon;
  word: string;
  title: string;
  tone?: Tone | null;
  children: ReactNode;
};

function Card({ name, icon: Glyph, word, title, tone, children }: CardProps) {
  return (
    <li className={css["figure"]} data-reaction={name} data-tone={tone ?? undefined}>
      <span className={css["word"]} title={title}>
        <Glyph size={15} stroke={2} aria-hidden />
        {word}
      </span>
      {children}
    </li>
  );
}

/** Clicks open the links they went to, unsubscribes the people; of opens and visits no list is kept by recipient. */
function Door({ name, id, children }: { name: ReactionName; id: string; children: ReactNode }) {
  if (name === "clicks") {
    return (
      <Link to="/deliveries/$id" params={{ id }} hash="links" className="door">
        {children}
      </Link>
    );
  }
  if (name === "optOuts") {
    return (
      <Link to="/unsubscriptions" className="door">
        {children}
      </Link>
    );
  }
  return children;
}
