/** What a rule applies to, in one line: its stages, then codes, patterns and hosts. */
import { useTranslation } from "react-i18next";

import type { ShippedBounceRule } from "../../../src/contract/reply-texts.ts";
import css from "./bounce-rules.module.css";
import { conditionsOf } from "./view-model.ts";

type Props = { rule: Pick<ShippedBounceRule, "stage" | "code" | "enhanced" | "text" | "notText" | "mx"> };

/** More would not fit; all of them stand in the rule itself. */
const SHOWN = 12;

export function Applies({ rule }: Props) {
  const { t } = useTranslation();
  const stages = (rule.stage ?? []).map((stage) => t(`bounces.stage.${stage}`)).join(", ");
  const conditions = conditionsOf(rule);
  if (stages === "" && conditions.length === 0) return <span className="muted">{t("bounceRules.anything")}</span>;
  return (
    <span title={[stages, ...conditions.slice(0, SHOWN)].filter((each) => each !== "").join("\n")}>
      {stages !== "" && <span className={css["stagesOf"]}>{stages}</span>}
      <span className="mono">{conditions.slice(0, SHOWN).join(" ")}</span>
    </span>
  );
}
