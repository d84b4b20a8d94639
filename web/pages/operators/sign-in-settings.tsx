/** Sign-in with an identity provider: which one, for whom, and what its people may do. */
import { Button, NativeSelect, PasswordInput, Skeleton, Switch, TextInput } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { SignInSettings } from "../../../src/contract/sign-in-settings.ts";
import { put } from "../../api.ts";
import { Copy } from "../../parts/copy.tsx";
import { FormGroup, useEditor } from "../../parts/editor-page.tsx";
import shared from "../../parts/form.module.css";
import { fieldsOf } from "../../parts/form-fields.ts";
import { Failure, Notice } from "../../parts/notice.tsx";
import { SIGN_IN_PATH, signInMethodsQuery, signInSettingsQuery } from "../../queries-operators.ts";
import { AccessHead } from "./access-head.tsx";
import { signInDraftOf, signInErrors, signInRequestOf } from "./sign-in-draft.ts";
import { RoleMapping, RolesChoice } from "./role-mapping.tsx";
import { TryProvider } from "./try-provider.tsx";

export function SignInSettingsPage() {
  const { t } = useTranslation();
  const query = useQuery(signInSettingsQuery);
  if (query.data !== undefined) return <Form stored={query.data} />;
  return (
    <>
      <AccessHead intro={t("oidc.intro")} />
      {query.isError ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton height={400} radius="md" />
      )}
    </>
  );
}

function Form({ stored }: { stored: SignInSettings }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { draft, set, dirty, save, problem } = useEditor({
    start: signInDraftOf(stored),
    version: stored.version,
    save: (typed, version) => put<SignInSettings>(SIGN_IN_PATH, version, signInRequestOf(typed)),
    onSaved: (saved) => {
      client.setQueryData(signInSettingsQuery.queryKey, saved);
      return client.invalidateQueries({ queryKey: signInMethodsQuery.queryKey });
    },
  });
  const { fields, others } = signInErrors(problem, draft);
  const field = fieldsOf({ draft, set, errors: fields }, (name) => t(`oidc.${name}`));
  const isKept = stored.hasSecret && draft.issuer === stored.issuer && draft.clientId === stored.clientId;
  return (
    <>
      <AccessHead
        intro={t("oidc.intro")}
        actions={
          <Button onClick={() => save.mutate()} loading={save.isPending} disabled={!dirty}>
            {t("editor.save")}
          </Button>
        }
      />
      <div className={shared["form"]}>
        {problem !== null && Object.keys(fields).length + others.length === 0 && <Failure error={save.error} />}
        {others.length > 0 && (
          <Notice tone="failed" icon={IconAlertTriangle} title={t("problem.fields", { count: others.length })}>
            {others.map((each) => (
              <p key={each}>{each}</p>
            ))}
          </Notice>
        )}
        <FormGroup title={t("oidc.provider")}>
          <Switch {...field.toggle("enabled")} />
          <TextInput {...field.text("issuer")} inputMode="url" placeholder="https://id.example.com" />
          <TryProvider issuer={draft.issuer} />
          <div className={shared["pair"]}>
            <TextInput {...field.text("clientId")} />
            <PasswordInput {...field.text("clientSecret")} description={isKept ? t("oidc.secretKept") : undefined} />
          </div>
          <div>
            <p>{t("oidc.redirectUri")}</p>
            <Copy value={stored.redirectUri} label={t("oidc.redirectUri")} />
          </div>
          <TextInput {...field.text("label")} maw={320} />
          <Switch {...field.toggle("signOutThere")} description={t("oidc.signOutHint")} />
          {draft.signOutThere && (
            <div>
              <p>{t("oidc.signedOutUri")}</p>
              <Copy value={stored.signedOutUri} label={t("oidc.signedOutUri")} />
            </div>
          )}
        </FormGroup>
        <FormGroup title={t("oidc.people")}>
          <TextInput {...field.text("domains")} description={t("oidc.domainsHint")} placeholder="example.com" />
          <NativeSelect
            label={t("oidc.passwords")}
            maw={320}
            value={draft.passwords}
            error={fields.passwords}
            data={(["everybody", "administrators"] as const).map((value) => ({ value, label: t(`oidc.${value}`) }))}
            onChange={({ currentTarget: { value } }) =>
              set({ passwords: value === "administrators" ? "administrators" : "everybody" })
            }
          />
          <Switch {...field.toggle("createOperators")} description={t("oidc.createHint")} />
        </FormGroup>
        <FormGroup title={t("oidc.mapping")}>
          <TextInput {...field.text("claim")} description={t("oidc.claimHint")} placeholder="groups" />
          <RoleMapping lines={draft.mapping} error={fields.mapping} onChange={(mapping) => set({ mapping })} />
          <RolesChoice
            label={t("oidc.defaultRoles")}
            roles={draft.defaultRoles}
            onChange={(defaultRoles) => set({ defaultRoles })}
          />
        </FormGroup>
      </div>
    </>
  );
}
