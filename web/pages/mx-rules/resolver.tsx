/** "Which rule applies?": for MX hosts, or for a recipient domain that mail went to; the question stands in the address. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { Failure } from "../../parts/notice.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { type ResolvedRule, resolvedQuery, type SiteQuestion, sourcesQuery } from "../../queries-sending.ts";
import css from "./mx-rules.module.css";

const route = getRouteApi("/sending/rules");

type By = "mx" | "domain";

export function Resolver() {
  const question = route.useSearch();
  const asked = question.mx !== undefined || question.domain !== undefined;
  const query = useQuery({ ...resolvedQuery(question), enabled: asked, placeholderData: keepPreviousData });
  return (
    <div className={css["resolver"]}>
      <Question question={question} busy={query.isFetching} />
      {asked && query.isError && <Failure error={query.error} />}
      {asked && query.data !== undefined && !query.isError && <Answer answer={query.data} />}
    </div>
  );
}

function Question({ question, busy }: { question: SiteQuestion; busy: boolean }) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const sources = useQuery(sourcesQuery).data?.data ?? [];
  const [by, setBy] = useState<By>(question.domain === undefined ? "mx" : "domain");
  const [words, setWords] = useState(question.mx ?? question.domain ?? "");
  useEffect(() => {
    setBy(question.domain === undefined ? "mx" : "domain");
    setWords(question.mx ?? question.domain ?? "");
  }, [question.mx, question.domain]);
  const ask = (source: string | undefined) => {
    const asked = words.trim() || undefined;
    void navigate({
      search: { mx: by === "mx" ? asked : undefined, domain: by === "domain" ? asked : undefined, source },
      replace: true,
      resetScroll: false,
    });
  };
  return (
    <form
      className={css["question"]}
      onSubmit={(event) => {
        event.preventDefault();
        ask(question.source);
      }}
    >
      <NativeSelect
        label={t("resolve.by")}
        w={160}
        value={by}
        data={[
          { value: "mx", label: t("resolve.byMx") },
          { value: "domain", label: t("resolve.byDomain") },
        ]}
        onChange={(event) => setBy(event.currentTarget.value as By)}
      />
      <TextInput
        className={css["words"] ?? ""}
        label={t(by === "mx" ? "resolve.byMx" : "resolve.byDomain")}
        placeholder={t(by === "mx" ? "resolve.mxHint" : "resolve.domainHint")}
        autoComplete="off"
        spellCheck={false}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
      />
      <NativeSelect
        label={t("sending.source")}
        w={190}
        value={question.source ?? ""}
        data={[
          { value: "", label: t("sending.defaultSource") },
          ...sources.map(({ id, name }) => ({ value: id, label: `${id} · ${name}` })),
        ]}
        onChange={(event) => ask(event.currentTarget.value || undefined)}
      />
      <Button
        type="submit"
        variant="default"
        leftSection={<IconSearch size={16} aria-hidden />}
        loading={busy}
        disabled={words.trim() === ""}
      >
        {t("resolve.show")}
      </Button>
    </form>
  );
}

function Answer({ answer: { rule, provider, hidden, mx } }: { answer: ResolvedRule }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const range = (limits: { min: number; max: number } | null) =>
    limits === null
      ? t("sending.noLimit")
      : limits.min === limits.max
        ? formats.int(limits.min)
        : t("rules.range", { min: formats.int(limits.min), max: formats.int(limits.max) });
  return (
    <div className={css["answer"]} role="status">
      <dl className={css["facts"]}>
        <Fact word={t("resolve.rule")}>
          <RuleName {...rule} />
        </Fact>
        <Fact word={t("sending.provider")}>
          <Link className="door" to="/sending" search={{ provider }}>
            {provider}
          </Link>
        </Fact>
        <Fact word={t("rules.col.connections")}>{range(rule.connections)}</Fact>
        <Fact word={t("rules.col.perHour")}>{range(rule.messagesPerHour)}</Fact>
        <Fact word={t("resolve.perConnection")}>{formats.int(rule.messagesPerConnection)}</Fact>
        <Fact word={t("resolve.connectionRate")}>
          {rule.connectionsPerMinute === null ? t("sending.noLimit") : formats.int(rule.connectionsPerMinute)}
        </Fact>
        <Fact word={t("rules.col.tls")}>
          <span title={t(`rules.tlsMeaning.${rule.tls}`)}>{t(`rules.tls.${rule.tls}`)}</span>
        </Fact>
        <Fact word={t("ruleForm.countedPer")}>{t(`ruleForm.countedPers.${rule.countedPer}`)}</Fact>
      </dl>
      <p className={css["beneath"]}>
        <span>{t("sending.sites")}:</span> <span className="mono">{mx.join(", ")}</span>
      </p>
      <p className={css["beneath"]}>
        <span>{t("resolve.hidden")}:</span>{" "}
        {hidden.length === 0
          ? t("resolve.hiddenNone")
          : hidden.map((each, index) => (
              <span key={`${each.origin} ${each.name}`}>
                {index > 0 && ", "}
                <RuleName {...each} />
              </span>
            ))}
      </p>
    </div>
  );
}

function RuleName({ name, origin, id }: Pick<ResolvedRule["rule"], "name" | "origin" | "id">) {
  const { t } = useTranslation();
  return (
    <>
      {id === null ? (
        name
      ) : (
        <Link to="/sending/rules/$id" params={{ id }}>
          {name}
        </Link>
      )}{" "}
      <span className="muted">({t(`resolve.origin.${origin}`)})</span>
    </>
  );
}

function Fact({ word, children }: { word: string; children: ReactNode }) {
  return (
    <div>
      <dt>{word}</dt>
      <dd>{children}</dd>
    </div>
  );
}
