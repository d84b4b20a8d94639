/** The folders of one tree: new ones, other names, other places; an empty one can go. */
import { ActionIcon, Button, Modal, NativeSelect, TextInput } from "@mantine/core";
import { IconFolder, IconPencil, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Folder } from "../../../src/contract/index.ts";
import { patch, post, remove } from "../../api.ts";
import { Failure } from "../../parts/notice.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { foldersQuery, type Kind } from "../../queries-properties.ts";
import css from "./folders.module.css";
import { indented, placesFor } from "./view-model.ts";

type Props = { tree: Kind; folders: readonly Folder[]; onClose: () => void };

export function FoldersDialog({ tree, folders, onClose }: Props) {
  const { t } = useTranslation();
  const formats = useFormats();
  const [edited, setEdited] = useState<Folder | null>(null);
  const drop = useChange(tree, (folder: Folder) => remove(`/folders/${folder.id}`, folder.version));
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("folders.title")}
      size="lg"
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <div className={css["dialog"]}>
        {drop.error !== null && <Failure error={drop.error} />}
        {folders.length === 0 && <p className="muted">{t("folders.empty")}</p>}
        <ul className={css["list"]}>
          {folders.map((folder) => (
            <li key={folder.id} className={css["item"]} style={{ paddingInlineStart: (folder.path.length - 1) * 20 }}>
              <IconFolder size={16} aria-hidden />
              <span className={css["label"]}>{folder.label}</span>
              <span className="muted">{formats.int(folder.count)}</span>
              <ActionIcon
                variant="subtle"
                aria-label={t("folders.edit", { label: folder.label })}
                onClick={() => setEdited(folder)}
              >
                <IconPencil size={16} aria-hidden />
              </ActionIcon>
              <ActionIcon
                variant="subtle"
                aria-label={t("folders.delete", { label: folder.label })}
                disabled={drop.isPending}
                onClick={() => drop.mutate(folder)}
              >
                <IconTrash size={16} aria-hidden />
              </ActionIcon>
            </li>
          ))}
        </ul>
        <FolderForm
          key={`${edited?.id ?? "new"} ${edited?.version ?? folders.length}`}
          tree={tree}
          folders={folders}
          edited={edited}
          onDone={() => setEdited(null)}
        />
      </div>
    </Modal>
  );
}

function useChange<I>(tree: Kind, change: (input: I) => Promise<unknown>, onDone?: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => onDone?.(),
    // Somebody else may have been faster.
    onSettled: () => client.invalidateQueries({ queryKey: foldersQuery(tree).queryKey }),
  });
}

type FormProps = { tree: Kind; folders: readonly Folder[]; edited: Folder | null; onDone: () => void };

function FolderForm({ tree, folders, edited, onDone }: FormProps) {
  const { t } = useTranslation();
  const [label, setLabel] = useState(edited?.label ?? "");
  const [parent, setParent] = useState(edited?.parent ?? "");
  const save = useChange(
    tree,
    () => {
      const place = { label: label.trim(), parent: parent === "" ? null : parent };
      return edited === null
        ? post<Folder>("/folders", { tree, ...place })
        : patch<Folder>(`/folders/${edited.id}`, edited.version, place);
    },
    onDone,
  );
  return (
    <form
      className={css["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (label.trim() !== "" && !save.isPending) save.mutate(undefined);
      }}
    >
      {save.error !== null && <Failure error={save.error} />}
      <div className={css["fields"]}>
        <TextInput
          label={edited === null ? t("folders.new") : t("folders.label")}
          maxLength={200}
          value={label}
          onChange={(event) => setLabel(event.currentTarget.value)}
        />
        <NativeSelect
          label={t("folders.in")}
          value={parent}
          data={[
            { value: "", label: t("folders.top") },
            ...placesFor(folders, edited).map((folder) => ({ value: folder.id, label: indented(folder) })),
          ]}
          onChange={(event) => setParent(event.currentTarget.value)}
        />
        {edited !== null && (
          <Button variant="default" onClick={onDone}>
            {t("common.cancel")}
          </Button>
        )}
        <Button type="submit" loading={save.isPending} disabled={label.trim() === ""}>
          {t(edited === null ? "folders.create" : "folders.save")}
        </Button>
      </div>
    </form>
  );
}
