/** The signing keys of a domain: what belongs into DNS for each, and taking one out of use. */
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconArchive, IconCircleCheck, IconKey } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { DkimKey, Domain } from "../../../src/contract/index.ts";
import { post } from "../../api.ts";
import { Badge } from "../../parts/badge.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { Copy } from "../../parts/copy.tsx";
import { Empty } from "../../parts/notice.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { When } from "../../parts/when.tsx";
import { domainPath, domainQuery, domainsQuery } from "../../queries.ts";
import css from "./domains.module.css";
import { activeKeys, keysInOrder, keyWords, zoneLine } from "./view-model.ts";

export function Keys({ domain }: { domain: Domain }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const tellError = useToldErrors();
  const [asking, setAsking] = useState<DkimKey | null>(null);
  const retire = useMutation({
    mutationFn: (key: DkimKey) => post<DkimKey>(`${domainPath(domain.name)}/keys/${key.id}/actions/retire`),
    onSuccess: async (key) => {
      notifications.show({ message: t("domains.retiredNote", { selector: key.selector }), color: "ink" });
      await client.invalidateQueries({ queryKey: domainQuery(domain.name).queryKey });
      void client.invalidateQueries({ queryKey: domainsQuery.queryKey });
    },
    onError: tellError,
    onSettled: () => setAsking(null),
  });
  if (domain.keys.length === 0) {
    return <Empty icon={IconKey} title={t("domains.noKeysTitle")} text={t("domains.noKeysText")} />;
  }
  const last = activeKeys(domain).length === 1;
  const question =
    asking === null
      ? null
      : {
          title: t("domains.retireTitle", { selector: asking.selector }),
          text: t(last ? "domains.retireLastText" : "domains.retireText"),
          yes: t("domains.retire"),
        };
  return (
    <>
      <ul className={css["checks"]}>
        {keysInOrder(domain.keys).map((key) => (
          <Key key={key.id} dkim={key} onRetire={() => setAsking(key)} />
        ))}
      </ul>
      <Confirm
        question={question}
        busy={retire.isPending}
        onYes={() => asking !== null && retire.mutate(asking)}
        onNo={() => setAsking(null)}
      />
    </>
  );
}

function Key({ dkim, onRetire }: { dkim: DkimKey; onRetire: () => void }) {
  const { t } = useTranslation();
  const active = dkim.state === "active";
  const { record } = dkim;
  return (
    <li className={css["check"]} data-key={dkim.selector}>
      <div className={css["checkHead"]}>
        <Badge
          tone={active ? "sent" : "excluded"}
          icon={active ? IconCircleCheck : IconArchive}
          word={t(`domains.state.${dkim.state}`)}
        />
        <b className="mono">{dkim.selector}</b>
        <span>{keyWords(dkim)}</span>
        <span className="muted">
          {dkim.canonicalization} · <When iso={dkim.retiredAt ?? dkim.createdAt} />
        </span>
        {active && (
          <Button className={css["push"] ?? ""} size="compact-sm" variant="default" onClick={onRetire}>
            {t("domains.retire")}
          </Button>
        )}
      </div>
      {active ? (
        <dl className={css["record"]}>
          <dt>{t("domains.host")}</dt>
          <dd>
            <Copy value={record.name} label={t("domains.host")} />
          </dd>
          <dt>{t("domains.type")}</dt>
          <dd>{record.type}</dd>
          <dt>{t("domains.value")}</dt>
          <dd>
            <Copy value={record.value} label={t("domains.value")} />
          </dd>
          {record.strings.length > 1 && (
            <>
              <dt>{t("domains.zone")}</dt>
              <dd>
                <Copy value={zoneLine(dkim)} label={t("domains.zone")} />
              </dd>
            </>
          )}
        </dl>
      ) : (
        <p className={css["detail"]}>{t("domains.retiredText")}</p>
      )}
    </li>
  );
}
