/** One block: its HTML and its text variant, with what is wrong in them. Built-in ones can be read. */
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconLock } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Block, BlockInput } from "../../../src/contract/index.ts";
import { ApiProblem, put } from "../../api.ts";
import { DeleteButton } from "../../parts/delete-button.tsx";
import { Failure, Notice } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page.tsx";
import { blockPath, blockQuery, blocksQuery } from "../../queries.ts";
import { BlockForm } from "./block-form.tsx";
import css from "./blocks.module.css";
import { emptyBlock, errorsOf, inputOf } from "./view-model.ts";

const route = getRouteApi("/blocks/$name");

export function BlockPage() {
  const { t } = useTranslation();
  const { name } = route.useParams();
  const query = useQuery(blockQuery(name));
  const before = <Link to="/blocks">{t("blocks.title")}</Link>;
  if (query.data === undefined) {
    return (
      <>
        <PageHead title={name} before={before} />
        {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      </>
    );
  }
  return <Editor key={name} name={name} block={query.data} />;
}

function Editor({ name, block }: { name: string; block: Block | null }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [typed, setTyped] = useState<BlockInput | null>(null);
  // The version that was typed over: somebody else's change in between must not be lost.
  const [seen, setSeen] = useState<number | null>(block?.version ?? null);
  const save = useMutation({
    mutationFn: (input: BlockInput) => put<Block>(blockPath(name), seen, input),
    onSuccess: (saved) => {
      client.setQueryData(blockQuery(name).queryKey, saved);
      void client.invalidateQueries({ queryKey: blocksQuery.queryKey });
      setTyped(null);
      setSeen(saved.version);
      notifications.show({ message: t("editor.saved"), color: "ink" });
    },
  });
  const problem = save.error instanceof ApiProblem ? save.error.problem : null;
  const errors = errorsOf(problem);
  const draft = typed ?? (block === null ? emptyBlock : inputOf(block));
  const readOnly = block?.builtIn === true;
  return (
    <>
      <PageHead
        title={name}
        before={<Link to="/blocks">{t("blocks.title")}</Link>}
        actions={
          !readOnly && (
            <>
              {block !== null && <Delete block={block} />}
              <Button onClick={() => save.mutate(draft)} loading={save.isPending} disabled={typed === null}>
                {t("editor.save")}
              </Button>
            </>
          )
        }
      />
      <div className={css["form"]}>
        {readOnly && <Notice tone="excluded" icon={IconLock} title={t("blocks.builtInNote")} />}
        {block === null && <p className="muted">{t("blocks.newNote")}</p>}
        {save.isError && errors.placed.length === 0 && errors.others.length === 0 && <Failure error={save.error} />}
        {errors.others.map((each) => (
          <Notice key={each} tone="failed" icon={IconAlertTriangle} title={each} />
        ))}
        <BlockForm
          name={name}
          draft={draft}
          set={(part) => {
            if (typed === null) setSeen(block?.version ?? null);
            setTyped({ ...draft, ...part });
          }}
          problems={errors.placed}
          readOnly={readOnly}
        />
      </div>
    </>
  );
}

function Delete({ block }: { block: Block }) {
  const { t } = useTranslation();
  return (
    <DeleteButton
      question={{
        title: t("blocks.deleteTitle", { name: block.name }),
        text: t("blocks.deleteText"),
        yes: t("blocks.delete"),
      }}
      path={blockPath(block.name)}
      version={block.version}
      to="/blocks"
      list={blocksQuery.queryKey}
      own={blockQuery(block.name).queryKey}
    />
  );
}
