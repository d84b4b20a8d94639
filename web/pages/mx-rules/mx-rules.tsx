/** Operators' MX rules in their order, which rule applies to a site, and the providers that files know. */
import { IconListNumbers } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { NewButton } from "../../parts/new-button.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { Section } from "../../parts/page.tsx";
import { rulesQuery } from "../../queries-sending.ts";
import { SendingHead } from "../sending/sending-head.tsx";
import { Providers } from "./providers.tsx";
import { Resolver } from "./resolver.tsx";
import { RulesTable } from "./rules-table.tsx";

export function MxRules() {
  const { t } = useTranslation();
  const query = useQuery(rulesQuery);
  return (
    <>
      <SendingHead intro={t("rules.intro")} actions={<NewButton to="/sending/rules/$id" word={t("rules.new")} />} />
      {query.isError && query.data === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <RulesTable
          rules={query.data?.data}
          empty={<Empty icon={IconListNumbers} title={t("rules.emptyTitle")} text={t("rules.emptyText")} />}
        />
      )}
      <div id="resolve">
        <Section title={t("resolve.title")}>
          <Resolver />
        </Section>
      </div>
      <Providers />
    </>
  );
}
