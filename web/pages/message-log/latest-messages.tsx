/** Where `g m` leads: the log of the delivery looked at last, else of the newest one; with a key, the log that holds it. */
import { Button } from "@mantine/core";
import { IconListDetails } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, Navigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { May } from "../../parts/may.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page.tsx";
import { deliveriesQuery, messageQuery } from "../../queries.ts";
import { lastDelivery } from "./last-delivery.ts";

const route = getRouteApi("/messages");

export function LatestMessages() {
  const { message } = route.useSearch();
  return message === undefined ? <Latest /> : <Holding message={message} />;
}

function Holding({ message }: { message: string }) {
  const { t } = useTranslation();
  const query = useQuery(messageQuery(message));
  if (query.data !== undefined) {
    // Its delivery is none that anybody looks at.
    if (query.data.single !== null) return <Navigate to="/single-messages" search={{ message }} replace />;
    return (
      <Navigate to="/deliveries/$id/messages" params={{ id: query.data.deliveryId }} search={{ message }} replace />
    );
  }
  return (
    <>
      <PageHead title={t("log.title")} />
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
    </>
  );
}

function Latest() {
  const { t } = useTranslation();
  const last = lastDelivery();
  const query = useInfiniteQuery({ ...deliveriesQuery, enabled: last === null });
  const id = last ?? query.data?.pages[0]?.data[0]?.id;
  if (id !== undefined) return <Navigate to="/deliveries/$id/messages" params={{ id }} replace />;
  return (
    <>
      <PageHead title={t("log.title")} />
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && (
        <Empty icon={IconListDetails} title={t("log.noDelivery")}>
          <May right="deliveries.write">
            <Button component={Link} to="/deliveries/new" variant="default">
              {t("deliveries.new")}
            </Button>
          </May>
        </Empty>
      )}
    </>
  );
}
