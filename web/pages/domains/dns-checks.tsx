/** Found beside expected, what to repair first. */
import { IconAlertTriangle, IconCircleCheck, IconCircleDashed, IconCircleX, type Icon } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { DnsCheck } from "../../../src/contract/index.ts";
import { Badge } from "../../parts/badge.tsx";
import css from "./domains.module.css";
import { CHECK_TONE, checksInOrder } from "./view-model.ts";

const ICON: Record<DnsCheck["status"], Icon> = {
  ok: IconCircleCheck,
  warning: IconAlertTriangle,
  error: IconCircleX,
  unknown: IconCircleDashed,
};

export function DnsChecks({ checks }: { checks: readonly DnsCheck[] }) {
  const { t } = useTranslation();
  return (
    <ul className={css["checks"]}>
      {checksInOrder(checks).map((check) => (
        <li key={`${check.id} ${check.name}`} className={css["check"]} data-check={check.id}>
          <p className={css["checkHead"]}>
            <Badge
              tone={CHECK_TONE[check.status]}
              icon={ICON[check.status]}
              word={t(`domains.status.${check.status}`)}
            />
            <b>{t(`domains.checks.${check.id}`)}</b>
            <span className="mono">{check.name}</span>
          </p>
          {check.detail !== "" && <p className={css["detail"]}>{check.detail}</p>}
          <dl className={css["compare"]}>
            <div>
              <dt>{t("domains.expected")}</dt>
              <dd>
                <code className={css["found"]}>{check.expected}</code>
              </dd>
            </div>
            <div>
              <dt>{t("domains.found")}</dt>
              <dd>
                <code className={css["found"]}>{check.found}</code>
              </dd>
            </div>
          </dl>
        </li>
      ))}
    </ul>
  );
}
