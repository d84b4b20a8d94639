/** What all pages of one delivery share: its name and state, its acts, its tabs, its live stream. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, Outlet } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { StateBadge } from "../../parts/badge.tsx";
import { useRights } from "../../parts/may.tsx";
import { Failure } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page.tsx";
import { mayOpen } from "../../parts/places.ts";
import tabs from "../../parts/tabs.module.css";
import { deliveryQuery } from "../../queries.ts";
import { forgetDelivery, rememberDelivery } from "../message-log/last-delivery.ts";
import { DeliveryMenu } from "../templates/template-acts.tsx";
import { ActionSlot } from "./action-slot.tsx";
import css from "./delivery.module.css";
import { DeliveryActions } from "./delivery-actions.tsx";
import { ModeBadge } from "./mode-badge.tsx";
import { StreamContext, useDeliveryStream } from "./stream.ts";
import { isPreparing } from "./view-model.ts";

const route = getRouteApi("/deliveries/$id");

const TABS = [
  { to: "/deliveries/$id", word: "live" },
  { to: "/deliveries/$id/messages", word: "messages" },
  { to: "/deliveries/$id/exclusions", word: "exclusions" },
  { to: "/deliveries/$id/content", word: "content" },
  { to: "/deliveries/$id/properties", word: "properties" },
  { to: "/deliveries/$id/start", word: "start" },
] as const;

export function DeliveryFrame() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const rights = useRights();
  const [slot, setSlot] = useState<HTMLElement | null>(null);
  const stream = useDeliveryStream(id);
  const query = useQuery({
    ...deliveryQuery(id),
    // The stream carries the state too; this is for the moments in which it is away.
    refetchInterval: ({ state }) => (state.data?.state === "analysing" || stream.phase === "lost" ? 1000 : false),
  });
  const missing = query.isError && query.data === undefined;
  useEffect(() => (missing ? forgetDelivery() : rememberDelivery(id)), [id, missing]);
  if (missing) {
    return (
      <>
        <PageHead title={t("delivery.missing")} before={<Link to="/deliveries">{t("deliveries.title")}</Link>} />
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      </>
    );
  }
  const delivery = query.data;
  return (
    <StreamContext value={stream}>
      <PageHead
        title={delivery?.label ?? " "}
        before={<Link to="/deliveries">{t("deliveries.title")}</Link>}
        beside={
          delivery !== undefined && (
            <>
              <StateBadge state={delivery.state} />
              <ModeBadge mode={delivery.settings.mode} />
            </>
          )
        }
        actions={
          <>
            {delivery !== undefined && <DeliveryMenu delivery={delivery} />}
            {delivery !== undefined && !isPreparing(delivery.state) ? (
              <DeliveryActions delivery={delivery} />
            ) : (
              <div ref={setSlot} className={css["slot"]} />
            )}
          </>
        }
      />
      <nav className={tabs["tabs"]} aria-label={t("delivery.tab.label")}>
        {TABS.filter(({ to }) => mayOpen(rights, to)).map(({ to, word }) => (
          <Link
            key={to}
            to={to}
            params={{ id }}
            className={tabs["tab"]}
            activeOptions={{ exact: true, includeSearch: false }}
            activeProps={{ "data-here": true }}
          >
            {t(`delivery.tab.${word}`)}
          </Link>
        ))}
      </nav>
      <ActionSlot value={slot}>{delivery !== undefined && <Outlet />}</ActionSlot>
    </StreamContext>
  );
}
