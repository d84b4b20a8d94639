/** Sources, and the pools that deliveries choose. */
import { Button } from "@mantine/core";
import { IconPlus, IconServer2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { NewButton } from "../../parts/new-button.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { Section } from "../../parts/page.tsx";
import { poolsQuery, sourcesQuery } from "../../queries-sending.ts";
import { SendingHead } from "../sending/sending-head.tsx";
import { PoolsTable } from "./pools-table.tsx";
import css from "./sources.module.css";
import { SourcesTable } from "./sources-table.tsx";

export function Sources() {
  const { t } = useTranslation();
  const sources = useQuery(sourcesQuery);
  const pools = useQuery(poolsQuery);
  const failed = [sources, pools].find((query) => query.isError && query.data === undefined);
  return (
    <>
      <SendingHead
        intro={t("sources.intro")}
        actions={<NewButton to="/sending/sources/$id" word={t("sources.new")} />}
      />
      {failed !== undefined ? (
        <Failure error={failed.error} onRetry={() => void failed.refetch()} />
      ) : (
        <>
          <SourcesTable
            sources={sources.data?.data}
            empty={
              <Empty icon={IconServer2} title={t("sources.emptyTitle")} text={t("sources.emptyText")}>
                <NewButton to="/sending/sources/$id" word={t("sources.new")} />
              </Empty>
            }
          />
          <Section
            title={t("pools.title")}
            beside={
              <Button
                size="compact-sm"
                variant="default"
                component={Link}
                to="/sending/pools/$id"
                params={{ id: "new" } as never}
                leftSection={<IconPlus size={14} aria-hidden />}
              >
                {t("pools.new")}
              </Button>
            }
          >
            <p className={css["intro"]}>{t("pools.intro")}</p>
            <PoolsTable pools={pools.data?.data} sources={sources.data?.data ?? []} />
          </Section>
        </>
      )}
    </>
  );
}
