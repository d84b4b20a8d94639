/** A text filter that lives in the address: typing waits a moment, Enter does not. */
import { CloseButton, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

type Props = {
  label: string;
  placeholder?: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  width: number;
  /** The one that `/` goes to. */
  search?: boolean;
};

const WAIT_MS = 350;

export function TextFilter({ label, placeholder, value, onChange, width, search = false }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(value ?? "");
  useEffect(() => setTyped(value ?? ""), [value]);
  const apply = (words: string) => onChange(words.trim() === "" ? undefined : words.trim());
  const applyLater = useDebouncedCallback(apply, WAIT_MS);
  return (
    <TextInput
      label={label}
      placeholder={placeholder ?? ""}
      value={typed}
      w={width}
      leftSection={search ? <IconSearch size={15} aria-hidden /> : undefined}
      {...(search ? { "data-search": true } : {})}
      rightSection={
        typed !== "" && (
          <CloseButton
            size="sm"
            aria-label={`${t("common.clear")}: ${label}`}
            onClick={() => {
              setTyped("");
              apply("");
            }}
          />
        )
      }
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        applyLater(event.currentTarget.value);
      }}
      onKeyDown={(event) => event.key === "Enter" && apply(typed)}
    />
  );
}
