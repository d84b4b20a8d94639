/** The fields of one mailbox: where it is, how one logs in, how often and what happens to its mail. */
import { NativeSelect, NumberInput, PasswordInput, Switch, TextInput } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { FormGroup } from "../../parts/editor-page.tsx";
import { fieldsOf, type FormProps } from "../../parts/form-fields.ts";
import form from "../../parts/form.module.css";
import { Notice } from "../../parts/notice.tsx";
import { type MailboxDraft, usualPort } from "./mailbox-draft.ts";

type Props = FormProps<MailboxDraft> & {
  /** A secret is known already: it stays unless another one is typed. */
  hasSecret: boolean;
};
type SecretName = "password" | "accessToken" | "clientSecret" | "refreshToken";

const PROTOCOLS = ["imap", "pop3"] as const;
const TLS = ["implicit", "starttls", "none"] as const;
const LOGINS = ["password", "oauth2-refresh", "oauth2"] as const;

function useField(props: Props) {
  const { t } = useTranslation();
  const field = fieldsOf(props, (name) => t(`mailboxForm.${name}`));
  return {
    ...field,
    secret: (name: SecretName) => ({
      ...field.text(name),
      autoComplete: "new-password",
      placeholder: props.hasSecret ? t("archiveForm.unchanged") : "",
      visibilityToggleButtonProps: { "aria-label": `${t("mailboxForm.show")}: ${t(`mailboxForm.${name}`)}` },
    }),
  };
}

export function MailboxFields(props: Props) {
  const { t } = useTranslation();
  const field = useField(props);
  const isImap = props.draft.protocol === "imap";
  return (
    <>
      <FormGroup>
        <TextInput {...field.text("name")} />
        <Switch {...field.toggle("enabled")} description={t("mailboxForm.enabledHint")} />
      </FormGroup>
      <Server {...props} />
      <Login {...props} />
      <FormGroup title={t("mailboxForm.mails")}>
        <div className={form["pair"]}>
          <TextInput {...field.text("every")} description={t("mailboxForm.everyHint")} placeholder="5m" />
          {isImap && <TextInput {...field.text("folder")} description={t("mailboxForm.folderHint")} />}
        </div>
        <Switch {...field.toggle("deleteProcessed")} description={t("mailboxForm.deleteHint")} />
      </FormGroup>
    </>
  );
}

function Server(props: Props) {
  const { t } = useTranslation();
  const field = useField(props);
  return (
    <FormGroup title={t("mailboxForm.server")}>
      <div className={form["pair"]}>
        <NativeSelect
          {...field.choice("protocol")}
          data={PROTOCOLS.map((value) => ({ value, label: value.toUpperCase() }))}
        />
        <NativeSelect
          {...field.choice("tls")}
          data={TLS.map((value) => ({ value, label: t(`mailboxForm.tlsKind.${value}`) }))}
        />
        <TextInput {...field.text("host")} placeholder="imap.example.com" />
        <NumberInput
          {...field.count("port")}
          max={65_535}
          thousandSeparator=""
          placeholder={String(usualPort(props.draft))}
        />
      </div>
      {props.draft.tls === "none" ? (
        <Notice tone="retry" icon={IconAlertTriangle} title={t("mailboxForm.noTls")} />
      ) : (
        <Switch {...field.toggle("verifyCertificate")} description={t("mailboxForm.verifyHint")} />
      )}
    </FormGroup>
  );
}

function Login(props: Props) {
  const { t } = useTranslation();
  const field = useField(props);
  const { login } = props.draft;
  return (
    <FormGroup title={t("mailboxForm.loginGroup")}>
      <div className={form["pair"]}>
        <TextInput {...field.text("user")} placeholder="bounces@example.com" />
        <NativeSelect
          {...field.choice("login")}
          data={LOGINS.map((value) => ({ value, label: t(`mailboxForm.logins.${value}`) }))}
        />
      </div>
      {login === "password" && <PasswordInput {...field.secret("password")} />}
      {login !== "password" && (
        <PasswordInput
          {...field.secret("accessToken")}
          description={t(login === "oauth2" ? "mailboxForm.tokenHint" : "mailboxForm.firstTokenHint")}
        />
      )}
      {login === "oauth2-refresh" && (
        <div className={form["pair"]}>
          <TextInput {...field.text("tokenUrl")} placeholder="https://login.example.com/oauth2/token" />
          <TextInput {...field.text("scope")} />
          <TextInput {...field.text("clientId")} />
          <PasswordInput {...field.secret("clientSecret")} />
          <PasswordInput {...field.secret("refreshToken")} />
        </div>
      )}
    </FormGroup>
  );
}
