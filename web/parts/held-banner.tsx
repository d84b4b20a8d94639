/** Above every page as long as nothing may leave this installation: why, and the word that lets it go. */
import { Button, Group } from "@mantine/core";
import { IconPlayerPause } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Installation } from "../../src/contract/index.ts";
import { post } from "../api.ts";
import { installationQuery } from "../queries-retention.ts";
import { Confirm } from "./confirm.tsx";
import { May } from "./may.tsx";
import { Failure, Notice } from "./notice.tsx";

const LOOK_EVERY_MS = 60_000;

export function HeldBanner() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const held = useQuery({ ...installationQuery, refetchInterval: LOOK_EVERY_MS }).data?.held ?? null;
  const [resume, setResume] = useState<boolean | null>(null);
  const release = useMutation({
    mutationFn: (wish: { resume: boolean }) => post<Installation>("/installation/actions/release", wish),
    onSuccess: (installation) => {
      client.setQueryData(installationQuery.queryKey, installation);
      setResume(null);
      void client.invalidateQueries();
    },
  });
  if (held === null) return null;
  const question = {
    title: t("installation.sureTitle"),
    text: resume === true ? `${t("installation.sure")} ${t("installation.sureResume")}` : t("installation.sure"),
    yes: t("installation.release"),
  };
  return (
    <Notice tone="paused" icon={IconPlayerPause} title={t("installation.title")}>
      <p>{t("installation.text", { reason: held.reason, interpolation: { escapeValue: false } })}</p>
      {held.paused.length > 0 && <p>{t("installation.copied", { ids: held.paused.join(", ") })}</p>}
      {release.isError && <Failure error={release.error} />}
      <May right="platform.write">
        <Group gap={8} mt={8}>
          <Button size="xs" onClick={() => setResume(false)}>
            {t("installation.release")}
          </Button>
          {held.paused.length > 0 && (
            <Button size="xs" variant="default" onClick={() => setResume(true)}>
              {t("installation.resume")}
            </Button>
          )}
        </Group>
      </May>
      <Confirm
        question={resume === null ? null : question}
        busy={release.isPending}
        onYes={() => resume !== null && release.mutate({ resume })}
        onNo={() => setResume(null)}
      />
    </Notice>
  );
}
