/** The rules that come with Envoi: found by name, pattern or code, read in the drawer, a start for one's own. */
import { Button, TextInput } from "@mantine/core";
import { IconFilterOff, IconPlus, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { Fragment, type ReactNode, useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { ShippedBounceRule } from "../../../src/contract/reply-texts.ts";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { Section } from "../../parts/page.tsx";
import { RowButton } from "../../parts/row-link.tsx";
import { shippedRulesQuery } from "../../queries-bounces.ts";
import { VerdictWords } from "../reply-texts/verdict-words.tsx";
import { Applies } from "./applies.tsx";
import css from "./bounce-rules.module.css";
import { matchingRules } from "./view-model.ts";

const route = getRouteApi("/bounce-rules");
const column = columnsOf<ShippedBounceRule>();

function shippedColumns(t: TFunction, open: (name: string) => void): Columns<ShippedBounceRule> {
  return [
    column.accessor("name", {
      header: t("bounceRules.col.name"),
      meta: { width: "24%" },
      cell: ({ row: { original } }) => (
        <RowButton onOpen={() => open(original.name)} title={original.name}>
          {original.name}
        </RowButton>
      ),
    }),
    column.display({
      id: "applies",
      header: t("bounceRules.col.applies"),
      meta: { hide: "narrow" },
      cell: ({ row: { original } }) => <Applies rule={original} />,
    }),
    column.accessor("verdict", {
      header: t("bounceRules.col.verdict"),
      meta: { width: "218px" },
      cell: ({ row: { original } }) => <VerdictWords {...original.verdict} />,
    }),
    column.display({
      id: "scope",
      header: t("bounceRules.col.scope"),
      meta: { width: "150px", hide: "medium" },
      cell: ({ row: { original } }) => t(`bounces.scope.${original.verdict.scope}`),
    }),
  ];
}

export function ShippedRules() {
  const { t } = useTranslation();
  const { rule: shown } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(shippedRulesQuery);
  const [words, setWords] = useState("");
  const open = useCallback(
    (rule: string | undefined) => void navigate({ search: { rule }, replace: true, resetScroll: false }),
    [navigate],
  );
  const columns = useMemo(() => shippedColumns(t, open), [t, open]);
  const rules = query.data?.data;
  const rows = useMemo(() => (rules === undefined ? undefined : matchingRules(rules, words)), [rules, words]);
  const detail = rules?.find(({ name }) => name === shown);
  return (
    <Section
      title={t("bounceRules.shippedTitle")}
      beside={
        <TextInput
          aria-label={t("bounceRules.filter")}
          placeholder={t("bounceRules.filterHint")}
          size="xs"
          w={260}
          data-search
          leftSection={<IconSearch size={14} aria-hidden />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
      }
    >
      <p className={css["intro"]}>{t("bounceRules.shippedIntro")}</p>
      {query.isError && rules === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          compact
          label={t("bounceRules.shippedTitle")}
          columns={columns}
          rows={rows}
          rowId={({ name }) => name}
          currentId={shown}
          empty={<Empty icon={IconFilterOff} title={t("bounceRules.noneMatches")} />}
        />
      )}
      {detail !== undefined && <ShippedDrawer rule={detail} onClose={() => open(undefined)} />}
    </Section>
  );
}

function ShippedDrawer({ rule, onClose }: { rule: ShippedBounceRule; onClose: () => void }) {
  const { t } = useTranslation();
  const { verdict } = rule;
  const list = (entries: readonly string[] | null) =>
    entries === null ? null : (
      <ul className="mono">
        {entries.map((entry) => (
          <li key={entry}>{entry}</li>
        ))}
      </ul>
    );
  const facts: [string, ReactNode][] = [
    [t("bounceForm.stage"), rule.stage?.map((stage) => t(`bounces.stage.${stage}`)).join(", ") ?? null],
    [t("bounceForm.code"), list(rule.code)],
    [t("bounceForm.enhanced"), list(rule.enhanced)],
    [t("bounceForm.mx"), list(rule.mx)],
    [t("bounceForm.text"), list(rule.text)],
    [t("bounceForm.notText"), list(rule.notText)],
    [t("bounceForm.action"), verdict.action === null ? t("bounces.byCode") : t(`bounces.action.${verdict.action}`)],
    [t("bounceForm.scope"), t(`bounces.scope.${verdict.scope}`)],
    [t("bounceForm.source"), rule.source === "" ? null : <SourceText text={rule.source} />],
    [t("bounceRules.file"), <span className="mono">{rule.file}</span>],
  ];
  return (
    <Drawer title={rule.name} beside={<VerdictWords {...verdict} />} onClose={onClose}>
      <Button
        component={Link}
        to="/bounce-rules/$id"
        params={{ id: "new" } as never}
        search={{ like: rule.name } as never}
        variant="default"
        size="xs"
        w="fit-content"
        mb={12}
        leftSection={<IconPlus size={14} aria-hidden />}
      >
        {t("bounceRules.copy")}
      </Button>
      <dl className={css["facts"]}>
        {facts.map(([word, value]) =>
          value === null ? null : (
            <Fragment key={word}>
              <dt>{word}</dt>
              <dd>{value}</dd>
            </Fragment>
          ),
        )}
      </dl>
      <h3 className={css["sub"]}>{t("bounceForm.examples")}</h3>
      {rule.examples.map(({ reply, stage, mx }) => (
        <p key={`${stage} ${reply}`} className={css["reply"]}>
          <bdi>{reply}</bdi>
          <span className={css["replyStage"]}>
            {t(`bounces.stage.${stage}`)}
            {mx !== null && ` · ${mx}`}
          </span>
        </p>
      ))}
    </Drawer>
  );
}

/** A page where there is one, else words. */
function SourceText({ text }: { text: string }) {
  if (!/^https:\/\/\S+$/.test(text)) return text;
  return (
    <a href={text} target="_blank" rel="noreferrer">
      {text}
    </a>
  );
}
