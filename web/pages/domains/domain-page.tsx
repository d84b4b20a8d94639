/** One sending domain: what DNS says beside what should be there, and the keys that its mail is signed with. */
import { Button, Menu, Skeleton } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconChevronDown, IconKey, IconRefresh } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { DkimKey } from "../../../src/contract/index.ts";
import { post } from "../../api.ts";
import { Failure } from "../../parts/notice.tsx";
import { PageHead, Section } from "../../parts/page.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { domainPath, domainQuery, domainsQuery } from "../../queries.ts";
import { DnsChecks } from "./dns-checks.tsx";
import { Keys } from "./keys.tsx";

const route = getRouteApi("/domains/$name");

export function DomainPage() {
  const { t } = useTranslation();
  const { name } = route.useParams();
  const query = useQuery(domainQuery(name));
  return (
    <>
      <PageHead
        title={name}
        before={<Link to="/domains">{t("domains.title")}</Link>}
        actions={<Generate name={name} />}
      />
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton height={320} radius="md" />}
      {query.data !== undefined && (
        <>
          <Section
            title={t("domains.dns")}
            beside={
              <Button
                size="compact-sm"
                variant="default"
                leftSection={<IconRefresh size={14} aria-hidden />}
                loading={query.isFetching}
                onClick={() => void query.refetch()}
              >
                {t("domains.check")}
              </Button>
            }
          >
            <DnsChecks checks={query.data.checks} />
          </Section>
          <Section title={t("domains.keys")}>
            <Keys domain={query.data} />
          </Section>
        </>
      )}
    </>
  );
}

const ALGORITHMS = ["rsa-sha256", "ed25519-sha256"] as const satisfies readonly DkimKey["algorithm"][];

function Generate({ name }: { name: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const tellError = useToldErrors();
  const generate = useMutation({
    mutationFn: (algorithm: DkimKey["algorithm"]) => post<DkimKey>(`${domainPath(name)}/keys`, { algorithm }),
    onSuccess: async (key) => {
      notifications.show({ message: t("domains.generated", { selector: key.selector }), color: "ink" });
      await client.invalidateQueries({ queryKey: domainQuery(name).queryKey });
      void client.invalidateQueries({ queryKey: domainsQuery.queryKey });
    },
    onError: tellError,
  });
  return (
    <Menu position="bottom-end" width={260} withinPortal={false} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button
          loading={generate.isPending}
          leftSection={<IconKey size={16} aria-hidden />}
          rightSection={<IconChevronDown size={14} aria-hidden />}
        >
          {t("domains.generate")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {ALGORITHMS.map((algorithm) => (
          <Menu.Item key={algorithm} onClick={() => generate.mutate(algorithm)}>
            {t(`domains.algorithm.${algorithm}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
