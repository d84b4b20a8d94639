/** One reply text: as it came, how it is judged and by whom, when it came, who got it; and what a person makes of it. */
import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Fragment, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Drawer } from "../../parts/drawer.tsx";
import { May } from "../../parts/may.tsx";
import { Failure } from "../../parts/notice.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { bounceRulesQuery, type ReplyTextDetail, textQuery } from "../../queries-bounces.ts";
import { DayBars } from "./day-bars.tsx";
import { NormalisedText } from "./normalised-text.tsx";
import { QualifyForm } from "./qualify-form.tsx";
import css from "./reply-texts.module.css";
import { VerdictWords } from "./verdict-words.tsx";
import { isByNobody, visible } from "./view-model.ts";

export function TextDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation();
  const query = useQuery(textQuery(id));
  const text = query.data;
  return (
    <Drawer
      title={t("texts.detail", { id })}
      beside={text !== undefined && <VerdictWords type={text.type} reason={text.reason} />}
      onClose={onClose}
    >
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton height={200} radius="md" />}
      {text !== undefined && (
        <>
          <p className={css["normalised"]}>
            <NormalisedText text={text.text} />
          </p>
          <May right="rules.write">
            <QualifyForm text={text} />
          </May>
          <Facts text={text} />
          <h3 className={css["sub"]}>{t("texts.days")}</h3>
          <DayBars days={text.days} />
          <h3 className={css["sub"]}>{t("texts.firstText")}</h3>
          <p className={css["reply"]}>
            <bdi>{visible(text.firstText)}</bdi>
          </p>
          <Examples text={text} />
        </>
      )}
    </Drawer>
  );
}

function Facts({ text }: { text: ReplyTextDetail }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const facts: [string, ReactNode][] = [
    [t("texts.judgedBy"), <JudgedBy text={text} />],
    [t("texts.count"), formats.int(text.count)],
    [t("texts.code"), [text.code, text.enhancedCode].filter((each) => each !== null).join(" ") || "–"],
    [t("texts.stages"), text.stages.map((stage) => t(`bounces.stage.${stage}`)).join(", ")],
    [t("texts.providers"), text.providers.join(", ")],
    [t("texts.first"), <When iso={text.firstSeenAt} />],
    [t("texts.last"), <When iso={text.lastSeenAt} />],
  ];
  return (
    <dl className={css["facts"]}>
      {facts.map(([word, value]) => (
        <Fragment key={word}>
          <dt>{word}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

/** A person's word goes before the rule that knew it. */
function JudgedBy({ text }: { text: ReplyTextDetail }) {
  const { t } = useTranslation();
  if (text.qualifiedAt === null) return isByNobody(text) ? t("texts.byNobody") : <RuleLink name={text.rule} />;
  return (
    <>
      {t("texts.byPerson", { who: text.qualifiedBy ?? "" })} · <When iso={text.qualifiedAt} />
    </>
  );
}

/** An operator's rule is a page, a shipped one is read in its list. */
function RuleLink({ name }: { name: string }) {
  const { t } = useTranslation();
  const own = useQuery(bounceRulesQuery).data?.data.find((rule) => rule.name === name);
  const words = t("texts.byRule", { name });
  return own === undefined ? (
    <Link to="/bounce-rules" search={{ rule: name }}>
      {words}
    </Link>
  ) : (
    <Link to="/bounce-rules/$id" params={{ id: own.id }} search={{}}>
      {words}
    </Link>
  );
}

function Examples({ text: { examples } }: { text: ReplyTextDetail }) {
  const { t } = useTranslation();
  return (
    <>
      <h3 className={css["sub"]}>{t("texts.examples")}</h3>
      {examples.length === 0 && <p className="muted">{t("texts.noExamples")}</p>}
      <ul className={css["examples"]}>
        {examples.map(({ key, recipient, at, reply }) => (
          <li key={`${key} ${at}`}>
            <Link to="/messages" search={{ message: key }} title={visible(reply)}>
              {recipient}
            </Link>
            <span className="muted">
              <When iso={at} />
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
