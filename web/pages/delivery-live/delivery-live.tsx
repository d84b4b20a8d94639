/** The live page: one bar that is the whole target, its figures, the pace, the destinations, what happened. */
import { Button, Skeleton } from "@mantine/core";
import { IconPlayerPause, IconRocket, IconTestPipe } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { Delivery } from "../../../src/contract/index.ts";
import { barParts } from "../../parts/bar-parts.ts";
import { Empty, Failure, Notice } from "../../parts/notice.tsx";
import { Section } from "../../parts/page.tsx";
import { StackedBar } from "../../parts/stacked-bar.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { deliveryQuery } from "../../queries.ts";
import { StartNotice } from "../delivery-start/start-notice.tsx";
import { StreamDot } from "../delivery/stream-dot.tsx";
import { useFigures } from "../delivery/use-figures.ts";
import { isPreparing } from "../delivery/view-model.ts";
import { Additions } from "./additions.tsx";
import { ArchiveCopies } from "./archive-copies.tsx";
import { Destinations } from "./destinations.tsx";
import { Events } from "./events.tsx";
import { Figures } from "./figures.tsx";
import { Ledger } from "./ledger.tsx";
import css from "./live.module.css";
import { NewQuarantines } from "./new-quarantines.tsx";
import { PaceLine } from "./pace-line.tsx";
import { PlanPanel } from "./plan-panel.tsx";
import { Reactions } from "./reactions.tsx";
import { WhySlow } from "./why-slow.tsx";

const route = getRouteApi("/deliveries/$id");

export function DeliveryLive() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const { data: delivery } = useQuery(deliveryQuery(id));
  if (delivery === undefined) return null;
  if (isPreparing(delivery.state)) {
    return (
      <>
        <StartNotice delivery={delivery} />
        <Empty icon={IconRocket} title={t("delivery.notStarted")} text={t("delivery.notStartedText")}>
          <Button component={Link} to="/deliveries/$id/content" params={{ id } as never}>
            {t("delivery.edit")}
          </Button>
        </Empty>
        <PlanPanel key={id} delivery={delivery} />
        <Section title={t("live.events")}>
          <Events id={id} />
        </Section>
      </>
    );
  }
  return (
    <>
      <StartNotice delivery={delivery} />
      {delivery.holdReason !== null && <Hold delivery={delivery} reason={delivery.holdReason} />}
      <TestMode delivery={delivery} />
      <Progress delivery={delivery} />
      <WhySlow delivery={delivery} />
      <PlanPanel key={id} delivery={delivery} />
      <ArchiveCopies delivery={delivery} />
      <Additions id={id} />
      <Reactions delivery={delivery} />
      <div className={css["below"]}>
        <Section title={t("live.destinations")}>
          <Destinations id={id} />
        </Section>
        <Section title={t("live.events")}>
          <Events id={id} />
        </Section>
      </div>
    </>
  );
}

function Progress({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useFigures(delivery.id);
  if (data === undefined && error !== null) return <Failure error={error} onRetry={refetch} />;
  if (data === undefined) return <Skeleton height={214} radius="md" />;
  return (
    <section className={css["progress"]} aria-label={t("live.outcome")}>
      <div className={css["barLine"]}>
        <Ledger id={delivery.id} indicators={data} />
        <StreamDot />
      </div>
      <StackedBar parts={barParts(data)} />
      <Figures delivery={delivery} indicators={data} />
      <NewQuarantines delivery={delivery} />
      <PaceLine delivery={delivery} indicators={data} />
    </section>
  );
}

/** Figures of a delivery that delivers nothing look like those of one that does. */
function TestMode({ delivery: { settings } }: { delivery: Delivery }) {
  const { t } = useTranslation();
  if (settings.mode === "live") return null;
  return (
    <div className={css["hold"]}>
      <Notice tone="excluded" icon={IconTestPipe} title={t(`mode.${settings.mode}`)}>
        <p>{t(`mode.meaning.${settings.mode}`)}</p>
      </Notice>
    </div>
  );
}

function Hold({ delivery, reason }: { delivery: Delivery; reason: string }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { data } = useFigures(delivery.id);
  return (
    <div className={css["hold"]}>
      <Notice tone="paused" icon={IconPlayerPause} title={t("delivery.held")}>
        <p className="mono">{reason}</p>
        {data !== undefined && <p>{t("delivery.heldText", { waiting: formats.int(data.pending) })}</p>}
      </Notice>
    </div>
  );
}
