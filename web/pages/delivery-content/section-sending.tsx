/** How a delivery is sent: from where, how fast, how long, how often again; and whether anything is delivered at all. */
import { NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { IconClockExclamation } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { settingsQuery } from "../../queries.ts";
import { typologiesQuery } from "../../queries-typologies.ts";
import { PoolChoice } from "../../parts/pool-choice.tsx";
import { ModeBadge } from "../delivery/mode-badge.tsx";
import { PRIORITIES } from "../delivery/view-model.ts";
import css from "./content.module.css";
import type { Draft } from "./draft.ts";
import { isCapped } from "./duration.ts";
import { type FormProps, useField } from "./field.ts";

const RETRIES = ["adaptive", "fixed"] as const satisfies readonly Draft["retries"][];
const MODES = ["live", "test-smtp", "verify"] as const satisfies readonly Draft["mode"][];
const DSNS = ["failure", "failure-and-delay", "always", "never"] as const satisfies readonly Draft["dsn"][];

export function SendingSection(props: FormProps) {
  return (
    <>
      <Mode {...props} />
      <Pace {...props} />
      <Validity {...props} />
      <Retries {...props} />
      <Notifications {...props} />
      <Rules {...props} />
    </>
  );
}

/** What all lists of words of this section have in common. */
function useChoice({ draft, set, errors, readOnly }: FormProps) {
  return <F extends "typology" | "pool" | "priority" | "retries" | "dsn" | "mode">(field: F) => ({
    value: draft[field],
    error: errors[field],
    disabled: readOnly,
    "data-field": field,
    onChange: (event: { currentTarget: { value: string } }) => set(field, event.currentTarget.value as Draft[F]),
  });
}

function useCount({ draft, set, errors, readOnly }: FormProps) {
  return (field: "speed" | "retryCount") => ({
    value: draft[field],
    error: errors[field],
    readOnly,
    min: 1,
    allowDecimal: false,
    allowNegative: false,
    hideControls: true,
    autoComplete: "off",
    "data-field": field,
    onChange: (value: string | number) => set(field, typeof value === "number" ? value : ""),
  });
}

function Mode(props: FormProps) {
  const { t } = useTranslation();
  const choice = useChoice(props);
  const { mode } = props.draft;
  return (
    <>
      <NativeSelect
        label={t("mode.label")}
        description={mode === "live" ? t("mode.meaning.live") : undefined}
        {...choice("mode")}
        data={MODES.map((value) => ({ value, label: t(`mode.${value}`) }))}
      />
      {mode !== "live" && (
        <p className={css["note"]}>
          <ModeBadge mode={mode} />
          <span>{t(`mode.meaning.${mode}`)}</span>
        </p>
      )}
    </>
  );
}

function Pace(props: FormProps) {
  const { t } = useTranslation();
  const choice = useChoice(props);
  const count = useCount(props);
  return (
    <>
      <PoolChoice label={t("section.pool")} description={t("section.poolHint")} {...choice("pool")} />
      <div className={css["evenPair"]}>
        <NativeSelect
          label={t("pace.priority")}
          description={t("pace.priorityHint")}
          {...choice("priority")}
          data={PRIORITIES.map((value) => ({ value, label: t(`pace.priorities.${value}`) }))}
        />
        <NumberInput label={t("pace.speedLabel")} description={t("pace.speedHint")} {...count("speed")} />
      </div>
    </>
  );
}

/** The rules that the analysis goes by. */
function Rules(props: FormProps) {
  const { t } = useTranslation();
  const choice = useChoice(props);
  const typologies = useQuery(typologiesQuery).data?.data ?? [];
  const { typology } = props.draft;
  const preferred = typologies.find(({ isDefault }) => isDefault)?.name ?? "";
  const isThere = typology === "" || typologies.some(({ id }) => id === typology);
  return (
    <NativeSelect
      label={t("typologies.choose")}
      description={t("typologies.chooseHint")}
      {...choice("typology")}
      data={[
        { value: "", label: t("typologies.chooseDefault", { name: preferred }) },
        ...typologies.map(({ id, name }) => ({ value: id, label: name })),
        ...(isThere ? [] : [{ value: typology, label: t("typologies.chooseMissing", { id: typology }) }]),
      ]}
    />
  );
}

function Validity(props: FormProps) {
  const { t } = useTranslation();
  const field = useField(props);
  const cap = useQuery(settingsQuery).data?.validityCap;
  const { draft, effectiveValidity } = props;
  const told =
    effectiveValidity === undefined
      ? cap !== undefined && isCapped(draft.validity, cap)
        ? t("section.capped", { effective: cap })
        : null
      : isCapped(draft.validity, effectiveValidity)
        ? t("section.cappedAtStart", { effective: effectiveValidity })
        : null;
  return (
    <>
      <TextInput
        label={t("editor.validity")}
        description={t("editor.validityHint")}
        w={320}
        maw="100%"
        {...field("validity")}
      />
      {told !== null && (
        <p className={css["note"]} role="status">
          <IconClockExclamation size={16} aria-hidden />
          <span>{told}</span>
        </p>
      )}
    </>
  );
}

function Retries(props: FormProps) {
  const { t } = useTranslation();
  const choice = useChoice(props);
  const count = useCount(props);
  const field = useField(props);
  const { retries } = props.draft;
  return (
    <>
      <NativeSelect
        label={t("section.retries")}
        description={t(`section.retriesHint.${retries}`)}
        {...choice("retries")}
        data={RETRIES.map((value) => ({ value, label: t(`section.retryModes.${value}`) }))}
      />
      {retries === "fixed" && (
        <div className={css["evenPair"]}>
          <NumberInput label={t("section.retryCount")} {...count("retryCount")} />
          <TextInput
            label={t("section.retryPeriod")}
            description={t("section.durationHint")}
            {...field("retryPeriod")}
          />
        </div>
      )}
    </>
  );
}

function Notifications(props: FormProps) {
  const { t } = useTranslation();
  const choice = useChoice(props);
  return (
    <NativeSelect
      label={t("section.dsn")}
      description={t("section.dsnHint")}
      {...choice("dsn")}
      data={[
        { value: "", label: t("section.dsns.none") },
        ...DSNS.map((value) => ({ value, label: t(`section.dsns.${value}`) })),
      ]}
    />
  );
}
