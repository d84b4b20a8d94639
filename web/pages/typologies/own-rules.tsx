/** Rules of operators, by kind: each in words, with a form of its own behind them. */
import { Button, Menu } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { FormGroup } from "../../parts/editor-page.tsx";
import { useArrowFocus } from "../../parts/row-order.tsx";
import { LanguageWords } from "./language-words.tsx";
import { RuleCard } from "./rule-card.tsx";
import { emptyRule, type OwnDraft, RULE_KINDS, type RuleKind } from "./rule-draft.ts";
import { endsOf, withMoved } from "./rule-order.ts";
import css from "./typologies.module.css";
import { errorsOfRule, type TypologyDraft, type TypologyField } from "./typology-draft.ts";

type Props = {
  draft: TypologyDraft;
  set: (part: Partial<TypologyDraft>) => void;
  errors: Partial<Record<TypologyField, string>>;
  readOnly: boolean;
  /** Null: it is not stored yet. */
  typology: string | null;
};

export function OwnRules({ draft: { own }, set, errors, readOnly, typology }: Props) {
  const { t } = useTranslation();
  const keepFocus = useArrowFocus(own);
  if (readOnly && own.length === 0) return null;
  const change = (rule: OwnDraft) => set({ own: own.map((each) => (each.key === rule.key ? rule : each)) });
  const add = (kind: RuleKind) => {
    const now = new Date();
    set({ own: [...own, emptyRule(kind, `new ${now.getTime()}`, now.toISOString().slice(0, 10))] });
  };
  return (
    <FormGroup title={t("typologies.own")}>
      {RULE_KINDS.map((kind) => {
        const rules = own.filter((rule) => rule.kind === kind);
        if (rules.length === 0) return null;
        return (
          <section key={kind} className={css["kind"]} aria-label={t(`typologyRule.groups.${kind}`)}>
            <h2>{t(`typologyRule.groups.${kind}`)}</h2>
            <p className={css["small"]}>{t(`typologyRule.about.${kind}`)}</p>
            {rules.map((rule) => (
              <RuleCard
                key={rule.key}
                rule={rule}
                errors={errorsOfRule(errors, own.indexOf(rule))}
                readOnly={readOnly}
                ends={endsOf(own, rule.key)}
                typology={typology}
                onChange={change}
                onMove={(key, step) => {
                  keepFocus(key, step);
                  set({ own: withMoved(own, key, step) });
                }}
                onRemove={() => set({ own: own.filter(({ key }) => key !== rule.key) })}
              />
            ))}
            {kind === "control" && <LanguageWords />}
          </section>
        );
      })}
      {!readOnly && <AddRule add={add} />}
    </FormGroup>
  );
}

function AddRule({ add }: { add: (kind: RuleKind) => void }) {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-start" width={340}>
      <Menu.Target>
        <Button variant="default" size="xs" w="fit-content" leftSection={<IconPlus size={14} aria-hidden />}>
          {t("typologyRule.add")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {RULE_KINDS.map((kind) => (
          <Menu.Item key={kind} onClick={() => add(kind)}>
            {t(`typologyRule.kinds.${kind}`)}
            <span className={css["small"]}>{t(`typologyRule.about.${kind}`)}</span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
