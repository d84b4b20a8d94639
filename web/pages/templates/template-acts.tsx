/** What can be done with a template as a whole: duplicate it, delete it, make one of a delivery. */
import { ActionIcon, Button, Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconCopy, IconDots, IconTemplate, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Delivery, Template } from "../../../src/contract/index.ts";
import { post, remove } from "../../api.ts";
import { Confirm } from "../../parts/confirm.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
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
  const client = useQueryClient();
  const navigate = useNavigate();
  const tellError = useToldErrors();
  const [asking, setAsking] = useState(false);
  const drop = useMutation({
    mutationFn: () => remove(templatePath(template.id), template.version),
    onSuccess: async () => {
      await navigate({ to: "/templates" });
      client.removeQueries({ queryKey: templateQuery(template.id).queryKey });
      await client.invalidateQueries({ queryKey: templatesQuery.queryKey });
    },
    onError: tellError,
    onSettled: () => setAsking(false),
  });
  const question = {
    title: t("templates.deleteTitle", { label: template.label }),
    text: t("templates.deleteText"),
    yes: t("templates.delete"),
  };
  return (
    <>
      <ActionIcon
        variant="default"
        size={36}
        flex="none"
        aria-label={t("templates.delete")}
        title={t("templates.delete")}
        onClick={() => setAsking(true)}
      >
        <IconTrash size={16} aria-hidden />
      </ActionIcon>
      <Confirm
        question={asking ? question : null}
        busy={drop.isPending}
        onYes={() => drop.mutate()}
        onNo={() => setAsking(false)}
      />
    </>
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
