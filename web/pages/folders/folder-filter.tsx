/** What stands in one folder and below it, and the way to the folders themselves. */
import { Button, NativeSelect } from "@mantine/core";
import { IconFolders } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { May } from "../../parts/may.tsx";
import { foldersQuery, type Kind } from "../../queries-properties.ts";
import { FoldersDialog } from "./folders-dialog.tsx";
import { indented } from "./view-model.ts";

type Props = {
  tree: Kind;
  /** An id, `none`; undefined: all. */
  value: string | undefined;
  onChange: (value: string | undefined) => void;
};

export function FolderFilter({ tree, value, onChange }: Props) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const folders = useQuery(foldersQuery(tree)).data?.data ?? [];
  return (
    <>
      <NativeSelect
        label={t("folders.one")}
        w={240}
        value={value ?? ""}
        data={[
          { value: "", label: t("folders.all") },
          { value: "none", label: t("folders.none") },
          ...folders.map((folder) => ({ value: folder.id, label: indented(folder) })),
        ]}
        onChange={(event) => onChange(event.currentTarget.value || undefined)}
      />
      <May right="content.write">
        <Button
          variant="default"
          leftSection={<IconFolders size={16} aria-hidden />}
          style={{ alignSelf: "flex-end" }}
          onClick={() => setOpen(true)}
        >
          {t("folders.manage")}
        </Button>
      </May>
      {open && <FoldersDialog tree={tree} folders={folders} onClose={() => setOpen(false)} />}
    </>
  );
}
