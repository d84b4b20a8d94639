/** Whether single messages may be made of a template, and of which version; published, published again, taken back. Asked before: for whom. */
import { Button, Checkbox, Group } from "@mantine/core";
import { IconMailFast } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Template } from "../../../src/contract/index.ts";
import type { PublishedTemplate } from "../../../src/contract/single-messages.ts";
import { act, post } from "../../api.ts";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { May } from "../../parts/may.tsx";
import { Notice } from "../../parts/notice.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { useFormats } from "../../parts/use-now.ts";
import { publishedQuery, templatePath } from "../../queries.ts";

/** `unsaved`: what is typed is not in the template yet, and would not be published. */
export function PublishTemplate({ template, unsaved }: { template: Template; unsaved: boolean }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const client = useQueryClient();
  const tellError = useToldErrors();
  const list = useQuery(publishedQuery).data?.data;
  const published = list?.find((each) => each.template === template.id) ?? null;
  const path = `${templatePath(template.id)}/actions`;
  const settled = {
    onSuccess: () => client.invalidateQueries({ queryKey: publishedQuery.queryKey }),
    onError: tellError,
  };
  const [asking, setAsking] = useState(false);
  const unpublish = useMutation({ mutationFn: () => act(`${path}/unpublish`), ...settled });
  if (list === undefined) return null;
  const isOld = published !== null && published.version !== template.version;
  return (
    <Notice
      tone={published === null ? "excluded" : isOld ? "waiting" : "sent"}
      icon={IconMailFast}
      title={
        published === null
          ? t("templates.unpublished")
          : t("templates.published", {
              version: formats.int(published.version),
              at: formats.dateTime(published.publishedAt),
              by: published.publishedBy,
            })
      }
    >
      {isOld && <p>{t("templates.publishedOld", { version: formats.int(template.version) })}</p>}
      {published?.ignoreDenylist === true && <p>{t("templates.publishedToAll")}</p>}
      <May>
        <Group gap="xs" mt={8}>
          {(published === null || isOld) && (
            <Button size="xs" variant="default" disabled={unsaved} onClick={() => setAsking(true)}>
              {t(published === null ? "templates.publish" : "templates.publishAgain")}
            </Button>
          )}
          {published !== null && (
            <Button size="xs" variant="default" loading={unpublish.isPending} onClick={() => unpublish.mutate()}>
              {t("templates.unpublish")}
            </Button>
          )}
        </Group>
        {asking && <PublishDialog template={template} before={published} onClose={() => setAsking(false)} />}
      </May>
    </Notice>
  );
}

type DialogProps = { template: Template; before: PublishedTemplate | null; onClose: () => void };

/** Marketing never goes to people who asked for no more mail: the server refuses it, too. */
function PublishDialog({ template, before, onClose }: DialogProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  const client = useQueryClient();
  const isMarketing = template.settings.nature === "marketing";
  const [toAll, setToAll] = useState(before?.ignoreDenylist === true && !isMarketing);
  const publish = useMutation({
    mutationFn: () =>
      post<PublishedTemplate>(`${templatePath(template.id)}/actions/publish`, { ignoreDenylist: toAll }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: publishedQuery.queryKey });
      onClose();
    },
  });
  return (
    <FormDialog
      title={t("templates.publishTitle", { label: template.label })}
      yes={t(before === null ? "templates.publish" : "templates.publishAgain")}
      isQuestion
      error={publish.error}
      busy={publish.isPending}
      onYes={() => publish.mutate()}
      onClose={onClose}
    >
      <p>{t("templates.publishText", { version: formats.int(template.version) })}</p>
      <Checkbox
        label={t("templates.ignoreDenylist")}
        description={t(isMarketing ? "templates.ignoreDenylistMarketing" : "templates.ignoreDenylistHint")}
        disabled={isMarketing}
        checked={toAll}
        onChange={(event) => setToAll(event.currentTarget.checked)}
      />
    </FormDialog>
  );
}
