/** Files that go with every message: brought in here or kept from before; with a content id, an image that the HTML shows. */
import { Button, FileButton, NativeSelect, Progress, TextInput } from "@mantine/core";
import { IconPaperclip } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { StoredFile } from "../../../src/contract/index.ts";
import { apiUrl, upload } from "../../api.ts";
import shared from "../../parts/form.module.css";
import { Failure } from "../../parts/notice.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { fileContentPath, filesQuery } from "../../queries.ts";
import css from "./content.module.css";
import type { AttachmentDraft } from "./draft.ts";
import type { FormProps } from "./field.ts";
import { RemoveButton } from "./variables.tsx";

export function Attachments({ draft, set, errors, readOnly }: FormProps) {
  const { t } = useTranslation();
  const files = useInfiniteQuery(filesQuery);
  const known = files.data?.pages.flatMap((page) => page.data) ?? [];
  const { attachments } = draft;
  const add = (file: string) => set("attachments", [...attachments, { file, name: "", contentId: "" }]);
  const change = (index: number, part: Partial<AttachmentDraft>) =>
    set(
      "attachments",
      attachments.map((each, at) => (at === index ? { ...each, ...part } : each)),
    );
  return (
    <>
      <p className={shared["hint"]}>{t("section.attachmentsHint")}</p>
      {errors.attachments !== undefined && <p className={css["refusal"]}>{errors.attachments}</p>}
      {attachments.map((attachment, index) => (
        <Row
          key={index}
          attachment={attachment}
          file={known.find((each) => each.id === attachment.file)}
          readOnly={readOnly}
          onChange={(part) => change(index, part)}
          onRemove={() =>
            set(
              "attachments",
              attachments.filter((_, at) => at !== index),
            )
          }
        />
      ))}
      {!readOnly && <Adding known={known} onAdd={add} />}
    </>
  );
}

type RowProps = {
  attachment: AttachmentDraft;
  file: StoredFile | undefined;
  readOnly: boolean;
  onChange: (part: Partial<AttachmentDraft>) => void;
  onRemove: () => void;
};

function Row({ attachment, file, readOnly, onChange, onRemove }: RowProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  const title = file?.name ?? t("section.file", { id: attachment.file });
  return (
    <div className={css["attachment"]}>
      <p className={css["file"]}>
        <a href={apiUrl(fileContentPath(attachment.file))} className="door">
          {title}
        </a>
        {file !== undefined && (
          <span className="muted">
            {formats.bytes(file.size)} · {file.contentType}
          </span>
        )}
      </p>
      <div className={css["row"]}>
        <TextInput
          label={t("section.fileName")}
          placeholder={file?.name ?? ""}
          readOnly={readOnly}
          value={attachment.name}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
        />
        <TextInput
          label={t("section.contentId")}
          placeholder="logo"
          classNames={{ input: css["code"] ?? "" }}
          readOnly={readOnly}
          value={attachment.contentId}
          onChange={(event) => onChange({ contentId: event.currentTarget.value })}
        />
        {!readOnly && <RemoveButton label={`${t("common.remove")}: ${title}`} onClick={onRemove} />}
      </div>
    </div>
  );
}

function Adding({ known, onAdd }: { known: readonly StoredFile[]; onAdd: (file: string) => void }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const client = useQueryClient();
  const [share, setShare] = useState(0);
  const sending = useMutation({
    mutationFn: (file: File) => upload<StoredFile>("/files", file, setShare),
    onMutate: () => setShare(0),
    onSuccess: async (file) => {
      await client.invalidateQueries({ queryKey: filesQuery.queryKey });
      onAdd(file.id);
    },
  });
  return (
    <>
      {sending.isError && <Failure error={sending.error} />}
      {sending.isPending && (
        <Progress
          value={share * 100}
          size="sm"
          color="var(--ink)"
          aria-label={t("upload.sending", { name: sending.variables.name })}
        />
      )}
      <div className={css["bar"]}>
        <FileButton
          onChange={(file) => file && sending.mutate(file)}
          inputProps={{ "aria-label": t("section.addFile") }}
        >
          {(props) => (
            <Button {...props} size="xs" variant="default" leftSection={<IconPaperclip size={14} aria-hidden />}>
              {t("section.addFile")}
            </Button>
          )}
        </FileButton>
        {known.length > 0 && (
          <NativeSelect
            size="xs"
            aria-label={t("section.keptFile")}
            value=""
            data={[
              { value: "", label: t("section.keptFile") },
              ...known.map(({ id, name, size }) => ({ value: id, label: `${name} (${formats.bytes(size)})` })),
            ]}
            onChange={(event) => event.currentTarget.value !== "" && onAdd(event.currentTarget.value)}
          />
        )}
      </div>
    </>
  );
}
