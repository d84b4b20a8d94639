/** One person: the state of their address, what is known of them, lists, what they were sent; and erasing them. */
import { Button, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { RecipientDetail } from "../../../src/contract/audience-recipients.ts";
import { patch } from "../../api.ts";
import { EditorPage, EditorWaits, FormGroup, useEditor } from "../../parts/editor-page.tsx";
import { Facts } from "../../parts/facts.tsx";
import { fieldErrors } from "../../parts/field-errors.ts";
import { May, useMayWrite } from "../../parts/may.tsx";
import { Section } from "../../parts/page.tsx";
import { When } from "../../parts/when.tsx";
import { attributesQuery, recipientPath, recipientQuery, RECIPIENTS_KEY } from "../../queries-audience.ts";
import { QuarantineBadge } from "../quarantine/quarantine-badge.tsx";
import { useReasonWord } from "../quarantine/words.ts";
import { AttributeFields } from "./attribute-fields.tsx";
import { Erase } from "./erase.tsx";
import { History } from "./history.tsx";
import { Memberships } from "./memberships.tsx";
import { Subscriptions } from "./subscriptions.tsx";
import { attributeOfPointer, changeOf, draftOf } from "./view-model.ts";

const route = getRouteApi("/recipients/$id");

export function RecipientPage() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const query = useQuery(recipientQuery(id));
  if (query.data !== undefined) return <Editor key={id} stored={query.data} />;
  return <EditorWaits title={t("recipients.title")} before={<Back />} query={query} />;
}

function Back() {
  const { t } = useTranslation();
  return <Link to="/recipients">{t("recipients.title")}</Link>;
}

function Editor({ stored }: { stored: RecipientDetail }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const readOnly = !useMayWrite();
  const declared = useQuery(attributesQuery).data?.data ?? [];
  const start = draftOf(stored);
  // Each change has a time of its own: it is the version.
  const { draft, set, dirty, save, problem } = useEditor({
    start,
    version: Date.parse(stored.updatedAt),
    save: (typed, version) =>
      patch<RecipientDetail>(recipientPath(stored.id), version ?? Date.parse(stored.updatedAt), changeOf(start, typed)),
    onSaved: async (saved) => {
      client.setQueryData(recipientQuery(saved.id).queryKey, saved);
      await client.invalidateQueries({ queryKey: [...RECIPIENTS_KEY, "list"] });
    },
  });
  const errors = fieldErrors(problem, (names) => (names[0] === "address" ? "address" : attributeOfPointer(names)));
  return (
    <EditorPage
      title={stored.address}
      before={<Back />}
      save={save}
      saveWord={t("editor.save")}
      dirty={dirty}
      errors={errors}
    >
      <AddressState recipient={stored} />
      <FormGroup title={t("recipients.profile")}>
        <TextInput
          label={t("quarantine.col.address")}
          inputMode="email"
          autoComplete="off"
          readOnly={readOnly}
          value={draft.address}
          error={errors.fields["address"]}
          onChange={(event) => set({ address: event.currentTarget.value })}
        />
        <AttributeFields
          values={draft.values}
          known={stored.attributes}
          declared={declared}
          errors={errors.fields}
          readOnly={readOnly}
          onChange={(values) => set({ values })}
        />
      </FormGroup>
      <Memberships recipient={stored} />
      <Subscriptions recipient={stored.id} />
      <Section title={t("recipients.history")}>
        <History id={stored.id} />
      </Section>
      <May right="people.erase">
        <Erase recipient={stored} />
      </May>
    </EditorPage>
  );
}

function AddressState({ recipient }: { recipient: RecipientDetail }) {
  const { t } = useTranslation();
  const reasonWord = useReasonWord();
  const { address, quarantine, denylistedAt, denylistReason, createdAt, updatedAt, importId } = recipient;
  const status = denylistedAt !== null ? "denylisted" : quarantine === null ? "valid" : quarantine.status;
  return (
    <FormGroup title={t("recipients.state")}>
      <Facts
        facts={[
          [
            t("quarantine.col.status"),
            <QuarantineBadge key="status" status={status as "valid" | "denylisted" | "with-errors" | "quarantined"} />,
          ],
          ...(quarantine === null ? [] : [[t("quarantine.col.reason"), reasonWord(quarantine.reason)] as const]),
          ...(denylistedAt === null
            ? []
            : [
                [t("recipients.denylisted"), <When key="denied" iso={denylistedAt} />] as const,
                [t("recipients.why"), denylistReason ?? t("common.notKnown")] as const,
              ]),
          [t("recipients.created"), <When key="created" iso={createdAt} />],
          [t("recipients.updated"), <When key="updated" iso={updatedAt} />],
          ...(importId === null
            ? []
            : [
                [
                  t("recipients.cameBy"),
                  <Link key="import" to="/imports" search={{ errors: importId }}>
                    {t("recipients.import", { id: importId })}
                  </Link>,
                ] as const,
              ]),
        ]}
      />
      <div>
        <Button component={Link} to="/quarantine" search={{ address } as never} variant="default" size="xs">
          {t("recipients.openQuarantine")}
        </Button>
      </div>
    </FormGroup>
  );
}
