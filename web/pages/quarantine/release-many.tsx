/**
 * Many addresses are let go at once, after an outage. First they are counted; what is released is what was counted: another choice
 * has to be counted again.
 */
import { Button, Modal, NativeSelect, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconCalculator, IconShieldCheck } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import type { BulkReleased } from "../../../src/contract/quarantine.ts";
import { post } from "../../api.ts";
import form from "../../parts/form.module.css";
import { Failure, Notice } from "../../parts/notice.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { QUARANTINE_KEY } from "../../queries-quarantine.ts";
import { ProviderFilter } from "../sending/place-filters.tsx";
import { NoteField } from "./note-dialog.tsx";
import css from "./quarantine.module.css";
import { isSameChoice, releaseDraft, type ReleaseDraft, releaseRequest } from "./release-draft.ts";
import { type QuarantineSearch, REASONS } from "./view-model.ts";

const release = (draft: ReleaseDraft, dryRun: boolean) =>
  post<BulkReleased>("/quarantine/actions/release", releaseRequest(draft, dryRun));

type Props = { search: QuarantineSearch; onClose: () => void };

export function ReleaseMany({ search, onClose }: Props) {
  const { t } = useTranslation();
  const formats = useFormats();
  const client = useQueryClient();
  const [draft, setDraft] = useState(() => releaseDraft(search, Date.now()));
  const count = useMutation({ mutationFn: (of: ReleaseDraft) => release(of, true) });
  const act = useMutation({
    mutationFn: () => release(draft, false),
    onSuccess: async (done) => {
      const told = { count: done.count, n: formats.int(done.count) };
      notifications.show({ message: t("releaseMany.done", told), color: "ink" });
      await client.invalidateQueries({ queryKey: QUARANTINE_KEY });
      onClose();
    },
  });
  const hasWindow = releaseRequest(draft, true) !== null;
  const counted = count.isSuccess && isSameChoice(count.variables, draft) ? count.data : null;
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (hasWindow) count.mutate(draft);
  };
  const error = act.error ?? count.error;
  return (
    <Modal
      opened
      size="lg"
      onClose={onClose}
      title={t("releaseMany.title")}
      closeButtonProps={{ "aria-label": t("common.close") }}
      classNames={{ title: css["dialogTitle"] ?? "" }}
    >
      <form onSubmit={send} className={css["dialog"]}>
        <p className={form["hint"]}>{t("releaseMany.intro")}</p>
        <Fields draft={draft} set={(part) => setDraft((before) => ({ ...before, ...part }))} hasWindow={hasWindow} />
        {error !== null && <Failure error={error} />}
        <div aria-live="polite">{counted !== null && <Counted answer={counted} />}</div>
        <div className={css["acts"]}>
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button
            type="submit"
            variant={counted === null ? "filled" : "default"}
            leftSection={<IconCalculator size={16} aria-hidden />}
            loading={count.isPending}
          >
            {t(counted === null ? "releaseMany.count" : "releaseMany.countAgain")}
          </Button>
          {counted !== null && counted.count > 0 && (
            <Button
              leftSection={<IconShieldCheck size={16} aria-hidden />}
              loading={act.isPending}
              onClick={() => act.mutate()}
            >
              {t("releaseMany.yes", { count: counted.count, n: formats.int(counted.count) })}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  );
}

type FieldsProps = { draft: ReleaseDraft; set: (part: Partial<ReleaseDraft>) => void; hasWindow: boolean };

function Fields({ draft, set, hasWindow }: FieldsProps) {
  const { t } = useTranslation();
  const field = (name: "domain" | "text" | "since" | "until") => ({
    value: draft[name],
    onChange: (event: { currentTarget: { value: string } }) => set({ [name]: event.currentTarget.value }),
  });
  const time = { type: "datetime-local", required: true, max: "9999-12-31T23:59" } as const;
  return (
    <>
      <div className={form["pair"]}>
        <TextInput {...time} {...field("since")} label={t("releaseMany.since")} data-autofocus />
        <TextInput
          {...time}
          {...field("until")}
          label={t("releaseMany.until")}
          error={hasWindow ? undefined : t("releaseMany.noWindow")}
        />
        <ProviderFilter
          width="100%"
          value={draft.provider || undefined}
          onChange={(provider) => set({ provider: provider ?? "" })}
        />
        <NativeSelect
          label={t("quarantine.col.reason")}
          value={draft.reason}
          data={[
            { value: "", label: t("log.any") },
            ...REASONS.map((value) => ({ value, label: t(`reason.${value}`) })),
          ]}
          onChange={(event) => set({ reason: REASONS.find((each) => each === event.currentTarget.value) ?? "" })}
        />
        <TextInput {...field("domain")} label={t("log.domain")} placeholder={t("log.domainHint")} />
        <TextInput {...field("text")} label={t("quarantine.col.errorText")} placeholder={t("quarantine.textHint")} />
      </div>
      <NoteField value={draft.note} onChange={(note) => set({ note })} />
    </>
  );
}

function Counted({ answer: { count, examples } }: { answer: BulkReleased }) {
  const { t } = useTranslation();
  const formats = useFormats();
  if (count === 0) return <p className="muted">{t("releaseMany.nobody")}</p>;
  return (
    <Notice tone="paused" icon={IconShieldCheck} title={t("releaseMany.counted", { count, n: formats.int(count) })}>
      <p>{t("releaseMany.consequence")}</p>
      <ul className={css["examples"]}>
        {examples.map((address) => (
          <li key={address} className="mono">
            {address}
          </li>
        ))}
        {count > examples.length && (
          <li>{t("releaseMany.more", { count: count - examples.length, n: formats.int(count - examples.length) })}</li>
        )}
      </ul>
    </Notice>
  );
}
