/** The rows that an import did not take, as a file. */
import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { ImportStatus } from "../../src/contract/index.ts";
import { apiUrl } from "../api.ts";

export function ErrorsFile({ status: { counts, errorsUrl } }: { status: ImportStatus }) {
  const { t } = useTranslation();
  if (counts.failed + counts.skipped === 0) return null;
  return (
    <Button
      component="a"
      href={apiUrl(`${errorsUrl.replace(/^\/api\/v1/, "")}.csv`)}
      download
      variant="default"
      leftSection={<IconDownload size={16} aria-hidden />}
    >
      {t("wizard.errors")}
    </Button>
  );
}
