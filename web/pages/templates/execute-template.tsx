/** A delivery made of the template and analysed at once; what comes then, its approval mode says. Asked before: for whom. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { CreateDelivery, Delivery, Template } from "../../../src/contract/index.ts";
import { post } from "../../api.ts";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { May } from "../../parts/may.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { deliveriesQuery, deliveryQuery, templatePath } from "../../queries.ts";
import { ruleOf } from "../delivery-content/audience-draft.ts";
import { useAudienceNames } from "../delivery-content/exclusions-field.tsx";
import { audienceChoices, peopleOf } from "./view-model.ts";

export function ExecuteTemplate({ template }: { template: Template }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  return (
    <May right="deliveries.write">
      <Button variant="default" leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={() => setAsking(true)}>
        {t("templates.execute.button")}
      </Button>
      {asking && <ExecuteDialog template={template} onClose={() => setAsking(false)} />}
    </May>
  );
}

function ExecuteDialog({ template, onClose }: { template: Template; onClose: () => void }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const client = useQueryClient();
  const navigate = useNavigate();
  const choices = audienceChoices(useAudienceNames());
  const [label, setLabel] = useState(template.label);
  const [audience, setAudience] = useState("");
  const people = peopleOf(choices, audience);
  const mode = template.settings.approval?.mode ?? "manual";
  const execute = useMutation({
    mutationFn: () =>
      post<Delivery>(`${templatePath(template.id)}/actions/execute`, {
        label: label.trim(),
        audience: (ruleOf(audience) ?? { all: true }) as CreateDelivery["audience"],
      }),
    onSuccess: async (made) => {
      client.setQueryData(deliveryQuery(made.id).queryKey, made);
      void client.invalidateQueries({ queryKey: deliveriesQuery.queryKey });
      await navigate({ to: "/deliveries/$id/content", params: { id: made.id } });
    },
  });
  return (
    <FormDialog
      title={t("templates.execute.title", { label: template.label })}
      yes={t("templates.execute.button")}
      ready={audience !== "" && label.trim() !== ""}
      error={execute.error}
      busy={execute.isPending}
      onYes={() => execute.mutate()}
      onClose={onClose}
    >
      <p>{t(`templates.execute.modes.${mode}`)}</p>
      <TextInput
        label={t("editor.label")}
        maxLength={500}
        value={label}
        onChange={(event) => setLabel(event.currentTarget.value)}
      />
      <NativeSelect
        label={t("editor.audience")}
        value={audience}
        data={[
          { value: "", label: t("wizard.choose") },
          { value: "all", label: t("editor.everyone") },
          ...choices.map(({ kind, named }) => ({
            group: t(`templates.execute.${kind}`),
            items: named.map((each) => ({ value: `${kind} ${each.id}`, label: each.label })),
          })),
        ]}
        onChange={(event) => setAudience(event.currentTarget.value)}
      />
      {audience !== "" && (
        <p className="muted">
          {people === null
            ? t("templates.execute.unknown")
            : t("templates.execute.people", { count: people, n: formats.int(people) })}
        </p>
      )}
    </FormDialog>
  );
}
