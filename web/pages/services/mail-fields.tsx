/** Which published templates the mails of a service are made of. */
import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { FormGroup } from "../../parts/editor-page.tsx";
import { fieldsOf, type FormProps } from "../../parts/form-fields.ts";
import { useMay } from "../../parts/may.tsx";
import { publishedQuery, templatesQuery } from "../../queries.ts";
import type { ServiceDraft } from "./view-model.ts";

type Name = "confirmationTemplate" | "welcomeTemplate" | "goodbyeTemplate";
const LINK = "{{ recipient.confirmation_link }}";
const SERVICE = "{{ recipient.service_name }}";

export function MailFields(props: FormProps<ServiceDraft>) {
  const { t } = useTranslation();
  const { draft } = props;
  const mayRead = useMay()("content.read");
  const templates = useQuery({ ...templatesQuery, enabled: mayRead }).data?.data;
  const published = useQuery({ ...publishedQuery, enabled: mayRead }).data?.data;
  const field = fieldsOf<Pick<ServiceDraft, Name>>(props, (name) => t(`services.${name}`));
  const ids = new Set(published?.map(({ template }) => template));
  const offered = (templates ?? []).filter(({ id }) => ids.has(id)).map(({ id, label }) => ({ value: id, label }));
  // What is set is never lost by opening the form.
  const kept = (id: string) => {
    if (id === "" || ids.has(id)) return [];
    const name = templates?.find((template) => template.id === id)?.label ?? id;
    return [{ value: id, label: published === undefined ? name : t("services.gone", { name }) }];
  };
  const choice = (name: Name, none: string) => ({
    ...field.choice(name),
    data: [{ value: "", label: none }, ...offered, ...kept(draft[name])],
  });
  return (
    <FormGroup title={t("services.mails")}>
      {draft.doubleOptIn && (
        <NativeSelect
          {...choice("confirmationTemplate", t("services.builtIn"))}
          description={t("services.confirmationHint", { example: LINK })}
        />
      )}
      <NativeSelect {...choice("welcomeTemplate", t("services.noMail"))} />
      <NativeSelect {...choice("goodbyeTemplate", t("services.noMail"))} />
      <p className="muted">{t("services.values", { link: LINK, service: SERVICE })}</p>
    </FormGroup>
  );
}
