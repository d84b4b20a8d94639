/** One attribute: its declaration, what that would do to the values there are, saving it, taking it back. */
import { Button, NativeSelect, Switch, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { AttributeCheck, DeclaredAttribute } from "../../../src/contract/audience-attributes.ts";
import { ApiProblem, post, put, remove } from "../../api.ts";
import { Confirm } from "../../parts/confirm.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { fieldErrors } from "../../parts/field-errors.ts";
import { fieldsOf, type FormProps } from "../../parts/form-fields.ts";
import form from "../../parts/form.module.css";
import { useMayWrite } from "../../parts/may.tsx";
import { Failure } from "../../parts/notice.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { useFormats } from "../../parts/use-now.ts";
import { attributePath, ATTRIBUTES_KEY, RECIPIENTS_KEY } from "../../queries-audience.ts";
import css from "./recipients.module.css";
import {
  type AttributeDraft,
  type AttributeRow,
  attributeDraftOf,
  declarationOf,
  emptyAttribute,
  TYPES,
} from "./view-model.ts";

type Props = {
  /** Null: a new one. */
  row: AttributeRow | null;
  onClose: () => void;
};

export function AttributeDrawer({ row, onClose }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const mayWrite = useMayWrite();
  const stored = row?.declared ?? null;
  const [draft, setDraft] = useState<AttributeDraft>(() =>
    stored === null ? emptyAttribute(row?.name, row?.used?.looksLike) : attributeDraftOf(stored),
  );
  const name = draft.name.trim();
  const check = useMutation({
    mutationFn: () => post<AttributeCheck>("/attributes/actions/check", { name, ...declarationOf(draft) }),
  });
  const save = useMutation({
    mutationFn: (misfits: "refuse" | "erase") => {
      const request = { ...declarationOf(draft), misfits };
      return stored === null
        ? post<DeclaredAttribute>("/attributes", { name, ...request })
        : put<DeclaredAttribute>(attributePath(name), stored.version, request);
    },
    onSuccess: async () => {
      notifications.show({ message: t("editor.saved"), color: "ink" });
      await client.invalidateQueries({ queryKey: ATTRIBUTES_KEY });
      await client.invalidateQueries({ queryKey: RECIPIENTS_KEY });
      onClose();
    },
    // How many do not fit, and which.
    onError: (error) => isMisfit(error) && check.mutate(),
  });
  const error = save.error ?? check.error;
  const problem = error instanceof ApiProblem ? error.problem : null;
  const { fields } = fieldErrors(problem, ([field]) =>
    field !== undefined && field in draft ? (field as "name") : null,
  );
  const set = (part: Partial<AttributeDraft>) => {
    check.reset();
    save.reset();
    setDraft((before) => ({ ...before, ...part }));
  };
  const told = error !== null && Object.keys(fields).length === 0 && !isMisfit(error);
  return (
    <Drawer title={row?.name ?? t("attributes.declare")} onClose={onClose}>
      <div className={form["form"]}>
        <fieldset disabled={!mayWrite} className={form["group"]}>
          <Declaration draft={draft} set={set} errors={fields} named={row !== null} />
        </fieldset>
        {told && <Failure error={error} />}
        {check.data !== undefined && <Checked check={check.data} />}
        {mayWrite && (
          <div className={css["addLine"]}>
            <Button variant="default" disabled={name === ""} loading={check.isPending} onClick={() => check.mutate()}>
              {t("attributes.check")}
            </Button>
            <Button disabled={name === ""} loading={save.isPending} onClick={() => save.mutate("refuse")}>
              {t(stored === null ? "attributes.declareThis" : "editor.save")}
            </Button>
            {check.data !== undefined && check.data.misfits > 0 && (
              <Erasing misfits={check.data.misfits} busy={save.isPending} onYes={() => save.mutate("erase")} />
            )}
            {stored !== null && <TakeBack attribute={stored} onDone={onClose} />}
          </div>
        )}
      </div>
    </Drawer>
  );
}

const isMisfit = (error: unknown): boolean => error instanceof ApiProblem && error.problem.code === "attribute-misfits";

function Declaration({ named, ...props }: FormProps<AttributeDraft> & { named: boolean }) {
  const { t } = useTranslation();
  const { draft } = props;
  const field = fieldsOf<Omit<AttributeDraft, "decimal" | "dates">>(props, (name) => t(`attributes.${name}`));
  const notation = (name: "decimal" | "dates", words: readonly string[], word: (value: string) => string) => (
    <NativeSelect
      label={t(`attributes.${name}`)}
      description={t(`attributes.${name}Hint`)}
      value={draft[name]}
      data={[{ value: "", label: t("attributes.unsaid") }, ...words.map((value) => ({ value, label: word(value) }))]}
      onChange={(event) => props.set({ [name]: event.currentTarget.value })}
    />
  );
  return (
    <>
      <TextInput {...field.text("name")} readOnly={named} maxLength={100} />
      <TextInput {...field.text("label")} description={t("attributes.labelHint")} maxLength={200} />
      <NativeSelect
        {...field.choice("type")}
        data={TYPES.map((value) => ({ value, label: t(`attributes.types.${value}`) }))}
      />
      {draft.type === "enum" && (
        <Textarea
          {...field.text("values")}
          description={t("attributes.valuesHint")}
          autosize
          minRows={3}
          maxRows={10}
        />
      )}
      {draft.type === "number" &&
        notation("decimal", ["point", "comma"], (value) => t(`attributes.decimals.${value as "point"}`))}
      {(draft.type === "date" || draft.type === "timestamp") &&
        notation("dates", ["dmy", "mdy"], (value) => t(`attributes.orders.${value as "dmy"}`))}
      <Switch {...field.toggle("indexed")} description={t("attributes.indexedHint")} />
    </>
  );
}

function Checked({ check: { total, fits, converted, misfits, samples } }: { check: AttributeCheck }) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <div className={css["result"]} role="status">
      <p>{t("attributes.checked", { count: total, n: formats.int(total), fits: formats.int(fits) })}</p>
      {converted > 0 && <p>{t("attributes.converted", { count: converted, n: formats.int(converted) })}</p>}
      {misfits > 0 && <p>{t("attributes.misfits", { count: misfits, n: formats.int(misfits) })}</p>}
      <ul className={css["misfits"]}>
        {samples.map(({ recipientId, address, value, problem }) => (
          <li key={recipientId}>
            <span className="mono">{value}</span> · {address} <span className="muted">{problem}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Erasing({ misfits, busy, onYes }: { misfits: number; busy: boolean; onYes: () => void }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const [asking, setAsking] = useState(false);
  const words = { count: misfits, n: formats.int(misfits) };
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        {t("attributes.erase", words)}
      </Button>
      <Confirm
        question={
          asking
            ? {
                title: t("attributes.eraseTitle"),
                text: t("attributes.eraseText", words),
                yes: t("attributes.erase", words),
              }
            : null
        }
        busy={busy}
        onYes={onYes}
        onNo={() => setAsking(false)}
      />
    </>
  );
}

function TakeBack({ attribute: { name, version }, onDone }: { attribute: DeclaredAttribute; onDone: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const drop = useMutation({
    mutationFn: () => remove(attributePath(name), version),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ATTRIBUTES_KEY });
      onDone();
    },
    onError: useToldErrors(),
    onSettled: () => setAsking(false),
  });
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        {t("attributes.takeBack")}
      </Button>
      <Confirm
        question={
          asking
            ? {
                title: t("attributes.takeBackTitle", { name }),
                text: t("attributes.takeBackText"),
                yes: t("attributes.takeBack"),
              }
            : null
        }
        busy={drop.isPending}
        onYes={() => drop.mutate()}
        onNo={() => setAsking(false)}
      />
    </>
  );
}
