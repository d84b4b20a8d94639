/** One lane: what holds it back, its figures, what an operator may fix, what shaping did to it. */
import { Skeleton } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { LaneAnswer } from "../../../src/contract/shaping.ts";
import { Drawer } from "../../parts/drawer.tsx";
import { May } from "../../parts/may.tsx";
import { Failure } from "../../parts/notice.tsx";
import { Section } from "../../parts/page.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { laneQuery, shapingEventsQuery, sourcesQuery } from "../../queries-sending.ts";
import { ConstraintBadge } from "./constraint-badge.tsx";
import { EventList } from "./event-list.tsx";
import { Pinning, Suspending } from "./lane-steer.tsx";
import css from "./sending.module.css";
import { eventsOfLane } from "./view-model.ts";

const EVERY_MS = 3000;
/** The rest is a door away. */
const EVENTS_SHOWN = 20;

export function LaneDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation();
  const query = useQuery({ ...laneQuery(id), refetchInterval: EVERY_MS });
  const lane = query.data;
  return (
    <Drawer
      title={lane === undefined ? (query.isError ? t("lanes.missing") : " ") : `${lane.provider} · ${lane.source}`}
      beside={lane !== undefined && <ConstraintBadge constraint={lane.figures.constraint} />}
      onClose={onClose}
    >
      {query.isError && lane === undefined && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton height={240} radius="md" />}
      {lane !== undefined && (
        <>
          {lane.figures.why !== "" && <p className={css["sentence"]}>{lane.figures.why}</p>}
          <Facts lane={lane} />
          <Reply lane={lane} />
          <Section title={t("lanes.suspendTitle")}>
            <May right="lanes.steer">
              <Suspending lane={lane} />
            </May>
          </Section>
          <Section title={t("lanes.pinTitle")}>
            <May right="lanes.steer">
              <Pinning key={lane.pin?.at ?? ""} lane={lane} />
            </May>
          </Section>
          <LaneEvents lane={lane} />
        </>
      )}
    </Drawer>
  );
}

function Facts({ lane }: { lane: LaneAnswer }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { figures } = lane;
  const sources = useQuery(sourcesQuery).data?.data;
  const number = sources?.find(({ name }) => name === lane.source)?.id;
  return (
    <dl className={css["facts"]}>
      <Fact word={t("lanes.col.waiting")}>{formats.int(figures.waiting)}</Fact>
      <Fact word={t("lanes.col.connections")}>
        {t("lanes.of", { n: formats.int(figures.connections), allowed: formats.int(figures.allowedConnections) })}
      </Fact>
      <Fact word={t("lanes.col.perHour")} title={t("lanes.perHourMeaning")}>
        {figures.messagesPerHour === null ? t("sending.noLimit") : formats.int(figures.messagesPerHour)}
      </Fact>
      <Fact word={t("lanes.col.accepted")} title={t("lanes.lastMinute")}>
        {formats.int(figures.acceptedLastMinute)}
      </Fact>
      <Fact word={t("lanes.col.deferred")} title={t("lanes.lastMinute")}>
        {formats.int(figures.deferredLastMinute)}
      </Fact>
      <Fact word={t("lanes.col.refused")} title={t("lanes.lastMinute")}>
        {formats.int(figures.refusedLastMinute)}
      </Fact>
      {figures.suspendedUntil !== null && (
        <Fact word={t("lanes.suspendedUntil")} title={formats.dateTime(figures.suspendedUntil)}>
          {formats.moment(figures.suspendedUntil)}
        </Fact>
      )}
      <Fact word={t("lanes.rule")}>
        <Link className="door" to="/sending/rules" search={{ mx: lane.site, source: number }} hash="resolve">
          {lane.rule}
        </Link>
      </Fact>
      <Fact word={t("lanes.sender")}>{lane.sender}</Fact>
      <Fact word={t("lanes.told")}>
        <When iso={lane.updatedAt} />
      </Fact>
      <Fact word={t("sending.sites")} wide>
        <span className="mono">{lane.site.replaceAll(",", ", ")}</span>
      </Fact>
    </dl>
  );
}

function Fact({
  word,
  title,
  wide = false,
  children,
}: {
  word: string;
  title?: string;
  wide?: boolean;
  children: ReactNode;
}) {
  return (
    <div className={css["fact"]} title={title} data-wide={wide || undefined}>
      <dt>{word}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Reply({ lane: { figures } }: { lane: LaneAnswer }) {
  const { t } = useTranslation();
  return (
    <Section
      title={t("lanes.lastReply")}
      beside={
        figures.lastReplyAt !== null && (
          <span className="muted">
            <When iso={figures.lastReplyAt} />
          </span>
        )
      }
    >
      {figures.lastReply === null ? (
        <p className="muted">{t("lanes.noReply")}</p>
      ) : (
        <p className={css["reply"]}>{figures.lastReply}</p>
      )}
    </Section>
  );
}

/** What happened lately at the provider, and all that is in force: of both what concerns this lane. */
function LaneEvents({ lane }: { lane: LaneAnswer }) {
  const { t } = useTranslation();
  const options = { refetchInterval: EVERY_MS * 2 };
  const recent = useInfiniteQuery({ ...shapingEventsQuery({ provider: lane.provider }), ...options });
  const standing = useInfiniteQuery({ ...shapingEventsQuery({ standing: "true" }), ...options });
  const listOf = (query: typeof recent) => query.data?.pages.flatMap((page) => page.data) ?? [];
  const events = eventsOfLane(lane, listOf(recent), listOf(standing));
  return (
    <Section
      title={t("lanes.events")}
      beside={
        <Link className={css["beside"]} to="/sending/events" search={{ provider: lane.provider }}>
          {t("lanes.allEvents")}
        </Link>
      }
    >
      {recent.isPending ? (
        <Skeleton height={80} radius="md" />
      ) : events.length === 0 ? (
        <p className="muted">{t("lanes.noEvents")}</p>
      ) : (
        <EventList events={events.slice(0, EVENTS_SHOWN)} />
      )}
    </Section>
  );
}
