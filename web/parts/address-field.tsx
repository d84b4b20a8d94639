/** One e-mail address, typed into a dialog: the first field of it. */
import { TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

type Props = { value: string; error: string | undefined; readOnly?: boolean; onChange: (address: string) => void };

export function AddressField({ value, error, readOnly = false, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <TextInput
      label={t("quarantine.col.address")}
      placeholder="name@example.com"
      inputMode="email"
      autoComplete="off"
      required
      readOnly={readOnly}
      data-autofocus={!readOnly || undefined}
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
