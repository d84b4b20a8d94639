/** Who deliveries write as when they say nothing of their own, and which addresses they may use at all. */
import { TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import shared from "../../parts/form.module.css";
import type { SenderDraft } from "./sender-draft.ts";
import type { SettingsErrors } from "./view-model.ts";

type Props = { draft: SenderDraft; set: (part: Partial<SenderDraft>) => void; errors: SettingsErrors["fields"] };

export function SenderSettings({ draft, set, errors }: Props) {
  const { t } = useTranslation();
  const field = (name: keyof SenderDraft) => ({
    label: t(`settings.${name}`),
    description: t(`settings.hint.${name}`),
    value: draft[name],
    error: errors[name],
    autoComplete: "off",
    onChange: (event: { currentTarget: { value: string } }) => set({ [name]: event.currentTarget.value }),
  });
  return (
    <fieldset className={shared["group"]}>
      <legend>{t("settings.group.senders")}</legend>
      <div className={shared["pair"]}>
        <TextInput placeholder="Example" {...field("senderName")} />
        <TextInput inputMode="email" placeholder="news@example.com" {...field("senderAddress")} />
        <TextInput placeholder="Example" {...field("replyToName")} />
        <TextInput inputMode="email" placeholder="contact@example.com" {...field("replyTo")} />
        <TextInput placeholder="*@example.com, *@*.example.com" {...field("addressMasks")} />
        <TextInput placeholder="*@bounces.example.com" {...field("errorMasks")} />
      </div>
    </fieldset>
  );
}
