/** The code of the authenticator app. */
import { TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

type Props = { value: string; isWrong: boolean; onChange: (code: string) => void };

export function CodeField({ value, isWrong, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <TextInput
      label={t("signIn.code")}
      description={t("signIn.codeHint")}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={isWrong ? t("signIn.wrongCode") : undefined}
      autoComplete="one-time-code"
      autoFocus
      required
      withAsterisk={false}
    />
  );
}
