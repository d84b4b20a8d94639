/** Addresses, one a line, that people are put on something by, or taken off it; then what became of them. */
import { Button, Textarea } from "@mantine/core";
import { IconUserMinus, IconUserPlus } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { FormGroup } from "../../parts/editor-page.tsx";
import { Failure } from "../../parts/notice.tsx";
import css from "./recipients.module.css";
import { linesOf } from "./view-model.ts";

type Change<V> = {
  mutate: (verb: V) => void;
  isPending: boolean;
  isError: boolean;
  error: Error | null;
  variables: V | undefined;
};

type Props<V extends string> = {
  title: string;
  hint: string;
  typed: string;
  onType: (typed: string) => void;
  /** What puts them on, then what takes them off. */
  verbs: readonly [on: V, off: V];
  word: (verb: V) => string;
  change: Change<V>;
  /** Between the addresses and the buttons. */
  children?: ReactNode;
  outcome: ReactNode;
};

export function PeopleByAddress<V extends string>(props: Props<V>) {
  const { title, hint, typed, onType, verbs, word, change, children, outcome } = props;
  const { t } = useTranslation();
  return (
    <FormGroup title={title}>
      <Textarea
        label={t("lists.addresses")}
        description={hint}
        autosize
        minRows={3}
        maxRows={12}
        spellCheck={false}
        value={typed}
        onChange={(event) => onType(event.currentTarget.value)}
      />
      {children}
      <div className={css["addLine"]}>
        {verbs.map((verb) => (
          <Button
            key={verb}
            variant="default"
            leftSection={
              verb === verbs[0] ? <IconUserPlus size={16} aria-hidden /> : <IconUserMinus size={16} aria-hidden />
            }
            disabled={linesOf(typed).length === 0}
            loading={change.isPending && change.variables === verb}
            onClick={() => change.mutate(verb)}
          >
            {word(verb)}
          </Button>
        ))}
      </div>
      {change.isError && <Failure error={change.error} />}
      {outcome}
    </FormGroup>
  );
}
