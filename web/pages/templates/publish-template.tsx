/** Whether single messages may be made of a template, and of which version; published, published again, taken back. */
import { Button, Group } from "@mantine/core";
import { IconMailFast } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { Template } from "../../../src/contract/index.ts";
import type { PublishedTemplate } from "../../../src/contract/single-messages.ts";
import { act, post } from "../../api.ts";
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
  const publish = useMutation({
    // Whom its messages go to stays as it was chosen.
    mutationFn: () =>
      post<PublishedTemplate>(`${path}/publish`, { ignoreDenylist: published?.ignoreDenylist ?? false }),
    ...settled,
  });
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
            <Button
              size="xs"
              variant="default"
              disabled={unsaved}
              loading={publish.isPending}
              onClick={() => publish.mutate()}
            >
              {t(published === null ? "templates.publish" : "templates.publishAgain")}
            </Button>
          )}
          {published !== null && (
            <Button size="xs" variant="default" loading={unpublish.isPending} onClick={() => unpublish.mutate()}>
              {t("templates.unpublish")}
            </Button>
          )}
        </Group>
      </May>
    </Notice>
  );
}
