/** Operators' bounce rules in their order, and the rules that come with Envoi, to read. */
import { IconListNumbers } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { NewButton } from "../../parts/new-button.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { Section } from "../../parts/page.tsx";
import { bounceRulesQuery } from "../../queries-bounces.ts";
import { BouncesHead } from "../reply-texts/bounces-head.tsx";
import { OwnRules } from "./own-rules.tsx";
import { ShippedRules } from "./shipped-rules.tsx";

export function BounceRules() {
  const { t } = useTranslation();
  const query = useQuery(bounceRulesQuery);
  return (
    <>
      <BouncesHead
        intro={t("bounceRules.intro")}
        actions={<NewButton to="/bounce-rules/$id" word={t("bounceRules.new")} />}
      />
      <Section title={t("bounceRules.title")}>
        {query.isError && query.data === undefined ? (
          <Failure error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <OwnRules
            rules={query.data?.data}
            empty={
              <Empty icon={IconListNumbers} title={t("bounceRules.emptyTitle")} text={t("bounceRules.emptyText")} />
            }
          />
        )}
      </Section>
      <ShippedRules />
    </>
  );
}
