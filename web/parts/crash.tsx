/** A page that failed by our own fault, and an address that leads nowhere. The navigation stays. */
import { Button } from "@mantine/core";
import { IconAlertTriangle, IconMapOff } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { Empty, Notice } from "./notice.tsx";
import { PageHead } from "./page.tsx";

export function Crash({ error }: { error: unknown }) {
  const { t } = useTranslation();
  return (
    <>
      <PageHead title={t("problem.crashed")} />
      <Notice tone="failed" icon={IconAlertTriangle} title={t("problem.crashedDetail")}>
        <p className="mono">{error instanceof Error ? error.message : String(error)}</p>
      </Notice>
    </>
  );
}

export function NotFound() {
  const { t } = useTranslation();
  return (
    <>
      <PageHead title={t("problem.notFound")} />
      <Empty icon={IconMapOff} title={t("problem.notFoundText")}>
        <Button component={Link} to="/deliveries" variant="default">
          {t("nav.deliveries")}
        </Button>
      </Empty>
    </>
  );
}
