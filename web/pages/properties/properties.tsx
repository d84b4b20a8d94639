/** All properties of a delivery or a template, in groups: value, where it comes from, and the way back to the inherited one. */
import { Button, Switch } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconInfoCircle, IconLock } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { PropertyList } from "../../../src/contract/index.ts";
import { ApiProblem, patch } from "../../api.ts";
import { fieldErrors } from "../../parts/field-errors.ts";
import { useMayWrite } from "../../parts/may.tsx";
import { Failure, Notice } from "../../parts/notice.tsx";
import { Section } from "../../parts/page.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { type Kind, propertiesPath, propertiesQuery } from "../../queries-properties.ts";
import css from "./properties.module.css";
import { PropertyRow } from "./property-row.tsx";
import { groupsOf, type Typed, typedOver, wishOf } from "./view-model.ts";

export function Properties({ kind, id }: { kind: Kind; id: string }) {
  const query = useQuery(propertiesQuery(kind, id));
  if (query.data !== undefined) return <List key={id} kind={kind} id={id} list={query.data} />;
  return query.isError ? <Failure error={query.error} onRetry={() => void query.refetch()} /> : null;
}

type Changes = { typed: Typed; version: number };
const NOTHING: Typed = {};

function List({ kind, id, list }: { kind: Kind; id: string; list: PropertyList }) {
  const { t } = useTranslation();
  const mayWrite = useMayWrite();
  const [changes, setChanges] = useState<Changes | null>(null);
  const [onlyOwn, setOnlyOwn] = useState(false);
  const typed = changes?.typed ?? NOTHING;
  const save = useSave(kind, id, () => setChanges(null));
  const problem = save.error instanceof ApiProblem ? save.error.problem : null;
  const conflict = problem?.status === 412;
  const { fields, others } = fieldErrors(problem, (names) => pathIn(list, names));
  const set = (next: Typed) => {
    save.reset();
    setChanges(Object.keys(next).length === 0 ? null : { typed: next, version: changes?.version ?? list.version });
  };
  return (
    <>
      <p className={css["intro"]}>{t(kind === "deliveries" ? "property.intro" : "property.templateIntro")}</p>
      {!list.editable && kind === "deliveries" && (
        <Notice tone="excluded" icon={IconLock} title={t("property.onlyFound")} />
      )}
      {conflict && <Notice tone="failed" icon={IconInfoCircle} title={t("property.conflict")} />}
      {problem !== null && !conflict && (others.length > 0 || problem.errors === undefined) && (
        <Failure error={save.error} />
      )}
      <div className={css["bar"]}>
        <Switch
          label={t("property.only")}
          checked={onlyOwn}
          onChange={(event) => setOnlyOwn(event.currentTarget.checked)}
        />
        <SaveBar changes={changes} busy={save.isPending} onSave={save.mutate} onDrop={() => set(NOTHING)} />
      </div>
      {groupsOf(list, onlyOwn, kind, typed).map(({ group, rows }) => (
        <Section key={group} title={t(`property.group.${group}`)}>
          <div className={css["rows"]}>
            {rows.map((row) => (
              <PropertyRow
                key={row.path}
                kind={kind}
                id={id}
                row={row}
                typed={typed}
                error={fields[row.path]}
                editable={list.editable}
                readOnly={!mayWrite}
                onChange={(value) => set(typedOver(typed, row, value))}
                onReset={() => set({ ...typed, [row.path]: null })}
              />
            ))}
          </div>
        </Section>
      ))}
    </>
  );
}

function useSave(kind: Kind, id: string, onSaved: () => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { queryKey } = propertiesQuery(kind, id);
  return useMutation({
    mutationFn: ({ typed, version }: Changes) => patch<PropertyList>(propertiesPath(kind, id), version, wishOf(typed)),
    onSuccess: (saved) => {
      client.setQueryData(queryKey, saved);
      // The delivery or the template itself, and the lists that show it.
      void client.invalidateQueries({ predicate: (query) => query.queryKey !== queryKey });
      notifications.show({ message: t("property.saved"), color: "ink" });
      onSaved();
    },
    onError: (error) => {
      if (error instanceof ApiProblem && error.problem.status === 412) void client.invalidateQueries({ queryKey });
    },
  });
}

type BarProps = {
  changes: Changes | null;
  busy: boolean;
  onSave: (changes: Changes) => void;
  onDrop: () => void;
};

function SaveBar({ changes, busy, onSave, onDrop }: BarProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  if (changes === null) return null;
  return (
    <div className={css["save"]} role="status">
      <span>{t("property.changed", { n: formats.int(Object.keys(changes.typed).length) })}</span>
      <Button variant="default" size="xs" onClick={onDrop}>
        {t("property.discard")}
      </Button>
      <Button size="xs" loading={busy} onClick={() => onSave(changes)}>
        {t("property.save")}
      </Button>
    </div>
  );
}

/** `settings`, `headers`, `0`, `name` belongs to `settings.headers`. */
function pathIn({ properties }: PropertyList, names: readonly string[]): string | null {
  const paths = names.map((_, index) => names.slice(0, names.length - index).join("."));
  return paths.find((path) => properties.some((row) => row.path === path)) ?? null;
}
