/** A rule tried on the replies of the last days before it is saved: how many would be judged otherwise, how, with examples. */
import { Button, NativeSelect, SegmentedControl } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import type { UseMutationResult } from "@tanstack/react-query";
import { Fragment, useState } from "react";
import { useTranslation } from "react-i18next";

import type { TriedRules, TryRules } from "../../../src/contract/reply-texts.ts";
import { FormGroup } from "../../parts/editor-page.tsx";
import form from "../../parts/form.module.css";
import { Failure } from "../../parts/notice.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { VerdictWords } from "../reply-texts/verdict-words.tsx";
import { visible } from "../reply-texts/view-model.ts";
import css from "./bounce-rules.module.css";
import { differing } from "./view-model.ts";

const DAYS = [1, 7, 30, 90];

type Props = {
  tried: UseMutationResult<TriedRules, Error, TryRules>;
  /** What would be tried of what is typed now; `without` where the rule exists already. */
  typed: TryRules["change"];
  without: TryRules["change"] | null;
};

export function TryPanel({ tried, typed, without }: Props) {
  const { t } = useTranslation();
  const [days, setDays] = useState(7);
  const [what, setWhat] = useState<"typed" | "without">("typed");
  const request: TryRules = { days, change: what === "without" && without !== null ? without : typed };
  const isStale = tried.variables !== undefined && JSON.stringify(tried.variables) !== JSON.stringify(request);
  return (
    <FormGroup title={t("tryRule.title")}>
      <p className={form["hint"]}>{t("tryRule.intro")}</p>
      <div className={css["tryHead"]}>
        <NativeSelect
          label={t("tryRule.days")}
          value={String(days)}
          data={DAYS.map((count) => ({ value: String(count), label: t("tryRule.daysOf", { count }) }))}
          onChange={(event) => setDays(Number(event.currentTarget.value))}
        />
        {without !== null && (
          <SegmentedControl
            aria-label={t("tryRule.what")}
            value={what}
            onChange={(value) => setWhat(value as typeof what)}
            data={[
              { value: "typed", label: t("tryRule.typed") },
              { value: "without", label: t("tryRule.without") },
            ]}
          />
        )}
        <Button
          variant="default"
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          loading={tried.isPending}
          onClick={() => tried.mutate(request)}
        >
          {t("tryRule.run")}
        </Button>
      </div>
      <div aria-live="polite" className={css["tried"]} data-stale={isStale || undefined}>
        {tried.isError && <Failure error={tried.error} />}
        {isStale && !tried.isPending && <p className="muted">{t("tryRule.stale")}</p>}
        {tried.data !== undefined && !tried.isPending && <Result result={tried.data} />}
      </div>
    </FormGroup>
  );
}

function Result({ result }: { result: TriedRules }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { count, changed, newlyHard, noLongerHard, changes } = result;
  if (changed === 0) {
    return <p>{count === 0 ? t("tryRule.noReplies") : t("tryRule.none", { n: formats.int(count) })}</p>;
  }
  const words = (n: number) => ({ count: n, n: formats.int(n) });
  return (
    <>
      <p className={css["sum"]}>{t("tryRule.some", { ...words(changed), of: formats.int(count) })}</p>
      {newlyHard > 0 && (
        <p className={css["toned"]} data-tone="failed">
          {t("tryRule.newlyHard", words(newlyHard))}
        </p>
      )}
      {noLongerHard > 0 && (
        <p className={css["toned"]} data-tone="sent">
          {t("tryRule.noLongerHard", words(noLongerHard))}
        </p>
      )}
      {result.truncated && <p className="muted">{t("tryRule.truncated")}</p>}
      <ul className={css["changes"]} aria-label={t("tryRule.changes")}>
        {changes.map((change, index) => (
          <Change key={index} change={change} />
        ))}
      </ul>
    </>
  );
}

function Change({ change }: { change: TriedRules["changes"][number] }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const differs = differing(change);
  return (
    <li>
      <p className={css["changeCount"]}>
        <b>{formats.int(change.count)}</b> {t("tryRule.col.count")}{" "}
        <span className="muted">
          · {t("tryRule.col.texts")}: {formats.int(change.texts)}
        </span>
      </p>
      <dl className={css["beforeAfter"]}>
        {(["before", "after"] as const).map((side) => {
          const verdict = change[side];
          return (
            <Fragment key={side}>
              <dt>{t(`tryRule.col.${side}`)}</dt>
              <dd>
                <VerdictWords type={verdict.type} reason={verdict.reason} />
                {(differs.has("action") || differs.has("scope")) && (
                  <span className="muted">
                    {t(`bounces.action.${verdict.action}`)} · {t(`bounces.scope.${verdict.scope}`)}
                  </span>
                )}
                <span className="mono">{verdict.rule}</span>
              </dd>
            </Fragment>
          );
        })}
      </dl>
      {change.examples.slice(0, 3).map((example) => (
        <p key={example} className={css["reply"]} title={t("tryRule.col.example")}>
          <bdi>{visible(example)}</bdi>
        </p>
      ))}
    </li>
  );
}
