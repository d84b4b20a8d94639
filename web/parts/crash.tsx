/** A page that failed by our own fault, and an address that leads nowhere. The navigation stays. */
import { Button } from "@mantine/core";
import { IconAlertTriangle, IconMapOff } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { Empty, Notice } from "./notice.tsx";

export function Crash({ error }: { error: unknown }) {
  const { t } = useTranslation();
  return (
    <Notice tone="failed" icon={IconAlertTriangle} title={t("problem.crashed")}>
      <p>{t("problem.crashedDetail")}</p>
      <pre className="mono">{error instanceof Error ? error.message : String(error)}</pre>
    </Notice>
  );
}

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Empty icon={IconMapOff} title={t("problem.notFound")}>
      <Button component={Link} to="/deliveries" variant="default">
        {t("nav.deliveries")}
      </Button>
    </Empty>
  );
}
