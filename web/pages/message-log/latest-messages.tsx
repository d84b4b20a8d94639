/** Where `g m` leads: the log of the delivery looked at last, else of the newest one. */
import { Button } from "@mantine/core";
import { IconListDetails } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, Navigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { Empty, Failure } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page.tsx";
import { deliveriesQuery } from "../../queries.ts";
import { lastDelivery } from "./last-delivery.ts";

export function LatestMessages() {
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
          <Button component={Link} to="/deliveries/new" variant="default">
            {t("deliveries.new")}
          </Button>
        </Empty>
      )}
    </>
  );
}
