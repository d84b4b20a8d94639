/** The lists that a person is on: taken off one, put on another. */
import { ActionIcon, NativeSelect } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { MembersResult, RecipientDetail } from "../../../src/contract/audience-recipients.ts";
import { post } from "../../api.ts";
import { FormGroup } from "../../parts/editor-page.tsx";
import { May } from "../../parts/may.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { listPath, LISTS_KEY, RECIPIENTS_KEY, someListsQuery } from "../../queries-audience.ts";
import css from "./recipients.module.css";

type Change = { list: string; add?: string[]; remove?: string[] };

export function Memberships({ recipient: { id, lists } }: { recipient: RecipientDetail }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const all = useQuery(someListsQuery).data?.data ?? [];
  const change = useMutation({
    mutationFn: ({ list, ...members }: Change) => post<MembersResult>(`${listPath(list)}/members`, members),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: RECIPIENTS_KEY });
      await client.invalidateQueries({ queryKey: LISTS_KEY });
    },
    onError: useToldErrors(),
  });
  const others = all.filter((list) => !lists.some((each) => each.id === list.id));
  return (
    <FormGroup title={t("lists.title")}>
      {lists.length === 0 ? (
        <p className="muted">{t("recipients.onNoList")}</p>
      ) : (
        <ul className={css["chips"]}>
          {lists.map((list) => (
            <li key={list.id} className={css["chip"]}>
              <Link to="/lists/$id" params={{ id: list.id }}>
                {list.label}
              </Link>
              <May>
                <ActionIcon
                  variant="subtle"
                  size={20}
                  c="var(--muted)"
                  aria-label={t("recipients.takeOff", { label: list.label })}
                  onClick={() => change.mutate({ list: list.id, remove: [id] })}
                >
                  <IconX size={14} aria-hidden />
                </ActionIcon>
              </May>
            </li>
          ))}
        </ul>
      )}
      <May>
        {others.length > 0 && (
          <NativeSelect
            label={t("recipients.putOn")}
            maw={320}
            value=""
            disabled={change.isPending}
            data={[
              { value: "", label: t("recipients.chooseList") },
              ...others.map((list) => ({ value: list.id, label: list.label })),
            ]}
            onChange={(event) => {
              const list = event.currentTarget.value;
              if (list !== "") change.mutate({ list, add: [id] });
            }}
          />
        )}
      </May>
    </FormGroup>
  );
}
