/** API tokens: what each may do, until when, when it was last used; made and shown once, revoked. */
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconCircleCheck, IconKey, IconPlus } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { ApiToken, Right } from "../../../src/contract/operators.ts";
import { remove } from "../../api.ts";
import type { Formats } from "../../format.ts";
import { Badge } from "../../parts/badge.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { useFormats, useNow } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { tokenPath, tokensQuery } from "../../queries-operators.ts";
import { AccessHead } from "./access-head.tsx";
import { NewToken } from "./new-token.tsx";
import { ShownOnce } from "./shown-once.tsx";
import { RIGHTS } from "./view-model.ts";

const column = columnsOf<ApiToken>();

/** Scopes of versions to come have no words here. */
const rightWord = (t: TFunction, right: string) =>
  (RIGHTS as readonly string[]).includes(right) ? t(`right.${right as Right}`) : right;

function grantOf(t: TFunction, { scopes, rights, login }: ApiToken): { word: string; title: string } {
  if (scopes !== null) {
    const words = scopes.map((right) => rightWord(t, right)).join(", ");
    return { word: t("access.scopes", { count: scopes.length }), title: words };
  }
  if (rights === null) {
    const word = t(login === null ? "access.allRights" : "access.likeOwner");
    return { word, title: word };
  }
  const word = t("access.ordinary");
  return { word, title: [word, ...rights.map((right) => rightWord(t, right))].join(", ") };
}

function Expiry({ iso }: { iso: string | null }) {
  const { t } = useTranslation();
  const now = useNow(60);
  if (iso === null) return t("access.never");
  return Date.parse(iso) > now ? (
    <When iso={iso} />
  ) : (
    <Badge tone="excluded" icon={IconAlertTriangle} word={t("access.expired")} />
  );
}

function tokenColumns(t: TFunction, formats: Formats, revoke: (token: ApiToken) => void): Columns<ApiToken> {
  return [
    column.accessor("label", { header: t("access.label"), meta: { width: "22%" } }),
    column.accessor("login", {
      header: t("access.owner"),
      meta: { hide: "medium" },
      cell: (info) => info.getValue() ?? <span className="muted">{t("access.nobodys")}</span>,
    }),
    column.display({
      id: "grant",
      header: t("access.may"),
      meta: { hide: "narrow" },
      cell: ({ row: { original } }) => {
        const { word, title } = grantOf(t, original);
        return <span title={title}>{word}</span>;
      },
    }),
    column.accessor("lastUsedAt", {
      header: t("access.lastUsed"),
      meta: { num: true, width: "120px" },
      cell: ({ row: { original } }) =>
        original.lastUsedAt === null ? (
          t("access.never")
        ) : (
          <span title={`${formats.dateTime(original.lastUsedAt)} · ${original.lastUsedFrom ?? ""}`}>
            <When iso={original.lastUsedAt} />
          </span>
        ),
    }),
    column.accessor("expiresAt", {
      header: t("access.expires"),
      meta: { num: true, width: "130px", hide: "narrow" },
      cell: (info) => <Expiry iso={info.getValue()} />,
    }),
    column.display({
      id: "revoke",
      header: () => <span className="visually-hidden">{t("access.revoke")}</span>,
      meta: { num: true, width: "110px" },
      cell: ({ row: { original } }) => (
        <Button
          variant="default"
          size="compact-xs"
          aria-label={`${t("access.revoke")}: ${original.label}`}
          onClick={() => revoke(original)}
        >
          {t("access.revoke")}
        </Button>
      ),
    }),
  ];
}

export function Tokens() {
  const { t } = useTranslation();
  const formats = useFormats();
  const [making, setMaking] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [revoking, setRevoking] = useState<ApiToken | null>(null);
  const query = useInfiniteQuery(tokensQuery);
  const columns = useMemo(() => tokenColumns(t, formats, setRevoking), [t, formats]);
  const rows = query.data?.pages.flatMap((page) => page.data);
  const create = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setMaking(true)}>
      {t("access.newToken")}
    </Button>
  );
  return (
    <>
      <AccessHead intro={t("access.tokensIntro")} actions={create} />
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("access.tab.tokens")}
          columns={columns}
          rows={rows}
          rowId={(row) => row.id}
          skeletons={4}
          empty={
            <Empty icon={IconKey} title={t("access.noTokens")} text={t("access.tokensIntro")}>
              {create}
            </Empty>
          }
        />
      )}
      <MoreRows query={query} shown={rows?.length ?? 0} />
      {making && (
        <NewToken
          onMade={(token) => {
            setMaking(false);
            setSecret(token);
          }}
          onClose={() => setMaking(false)}
        />
      )}
      {secret !== null && (
        <ShownOnce
          title={t("access.tokenMade")}
          text={t("access.tokenText")}
          label={t("access.tokenMade")}
          value={secret}
          onSeen={() => setSecret(null)}
        />
      )}
      {revoking !== null && <Revoke token={revoking} onDone={() => setRevoking(null)} />}
    </>
  );
}

function Revoke({ token: { id, label }, onDone }: { token: ApiToken; onDone: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => remove(tokenPath(id), null),
    onSuccess: () => {
      notifications.show({
        message: t("access.revoked", { label }),
        icon: <IconCircleCheck size={16} />,
        color: "ink",
      });
      return client.invalidateQueries({ queryKey: tokensQuery.queryKey.slice(0, 1) });
    },
    onError: useToldErrors(),
    onSettled: onDone,
  });
  return (
    <Confirm
      question={{
        title: t("access.revokeTitle", { label }),
        text: t("access.revokeText"),
        yes: t("access.revoke"),
      }}
      busy={revoke.isPending}
      onYes={() => revoke.mutate()}
      onNo={onDone}
    />
  );
}
