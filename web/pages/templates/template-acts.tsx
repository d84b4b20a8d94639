/** What can be done with a template as a whole: duplicate it, delete it, make one of a delivery. */
import { ActionIcon, Button, Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconCopy, IconDots, IconRepeat, IconTemplate } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Delivery, Template } from "../../../src/contract/index.ts";
import { post } from "../../api.ts";
import { DeleteButton } from "../../parts/delete-button.tsx";
import { deliveryPath, templatePath, templateQuery, templatesQuery } from "../../queries.ts";
import { LabelDialog } from "./label-dialog.tsx";

export function DuplicateTemplate({ template }: { template: Template }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const copy = useMutation({
    mutationFn: (label: string) => post<Template>(`${templatePath(template.id)}/actions/duplicate`, { label }),
    onSuccess: async (made) => {
      client.setQueryData(templateQuery(made.id).queryKey, made);
      void client.invalidateQueries({ queryKey: templatesQuery.queryKey });
      setAsking(false);
      await navigate({ to: "/templates/$id", params: { id: made.id } });
    },
  });
  return (
    <>
      <Button variant="default" leftSection={<IconCopy size={16} aria-hidden />} onClick={() => setAsking(true)}>
        {t("templates.duplicate")}
      </Button>
      {asking && (
        <LabelDialog
          title={t("templates.duplicateTitle")}
          text={t("templates.duplicateText")}
          yes={t("templates.duplicate")}
          proposal={t("templates.copyOf", { label: template.label }).slice(0, 500)}
          busy={copy.isPending}
          error={copy.error}
          onYes={(label) => copy.mutate(label)}
          onNo={() => setAsking(false)}
        />
      )}
    </>
  );
}

export function DeleteTemplate({ template }: { template: Template }) {
  const { t } = useTranslation();
  return (
    <DeleteButton
      iconOnly
      question={{
        title: t("templates.deleteTitle", { label: template.label }),
        text: t("templates.deleteText"),
        yes: t("templates.delete"),
      }}
      path={templatePath(template.id)}
      version={template.version}
      to="/templates"
      list={templatesQuery.queryKey}
      own={templateQuery(template.id).queryKey}
    />
  );
}

/** In the head of a delivery, whatever its state. */
export function DeliveryMenu({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const save = useMutation({
    mutationFn: (label: string) => post<Template>(`${deliveryPath(delivery.id)}/actions/save-as-template`, { label }),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: templatesQuery.queryKey });
      setAsking(false);
      // No other page: what is being typed here stays.
      notifications.show({ message: t("templates.savedAs", { label: made.label }), color: "ink" });
    },
  });
  return (
    <>
      <Menu position="bottom-end" width={240} withinPortal={false} withInitialFocusPlaceholder={false} zIndex={70}>
        <Menu.Target>
          <ActionIcon variant="default" size={36} flex="none" aria-label={t("templates.more")}>
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconTemplate size={16} aria-hidden />} onClick={() => setAsking(true)}>
            {t("templates.saveAs")}
          </Menu.Item>
          {delivery.proof === undefined && (
            <Menu.Item
              component={Link}
              to={`/series/new?delivery=${encodeURIComponent(delivery.id)}`}
              leftSection={<IconRepeat size={16} aria-hidden />}
            >
              {t("series.repeat")}
            </Menu.Item>
          )}
          {delivery.templateId !== null && (
            <Menu.Item component={Link} to={`/templates/${delivery.templateId}`}>
              {t("templates.open")}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {asking && (
        <LabelDialog
          title={t("templates.saveAs")}
          text={t("templates.saveAsText")}
          yes={t("templates.saveAsYes")}
          proposal={delivery.label}
          busy={save.isPending}
          error={save.error}
          onYes={(label) => save.mutate(label)}
          onNo={() => setAsking(false)}
        />
      )}
    </>
  );
}
