/** Deleting one thing from its own page: the button, the question with the consequence, then back to the list. */
import { ActionIcon, Button } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { remove } from "../api.ts";
import { Confirm, type Question } from "./confirm.tsx";
import { useToldErrors } from "./told-errors.ts";

type Props = {
  /** `yes` is also what the button says. */
  question: Question;
  path: string;
  /** Null: it has none. */
  version: number | null;
  /** The list, by its address and by its key in the cache; and the key of the thing itself. */
  to:
    | "/archive"
    | "/inbound-mails/mailboxes"
    | "/lists"
    | "/segments"
    | "/series"
    | "/services"
    | "/attributes"
    | "/operators"
    | "/operators/groups"
    | "/blocks"
    | "/bounce-rules"
    | "/templates"
    | "/typologies"
    | "/sending/rules"
    | "/sending/sources"
    | "/webhooks";
  list: QueryKey;
  own: QueryKey;
  /** Where the page itself shows a refusal (null: it is tried again); else the refusal is told in the corner. */
  onRefused?: (error: unknown) => void;
  iconOnly?: boolean;
};

export function DeleteButton({ question, path, version, to, list, own, onRefused, iconOnly = false }: Props) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const tellError = useToldErrors();
  const [asking, setAsking] = useState(false);
  const drop = useMutation({
    mutationFn: () => remove(path, version),
    onMutate: () => onRefused?.(null),
    onSuccess: async () => {
      await navigate({ to });
      client.removeQueries({ queryKey: own });
      await client.invalidateQueries({ queryKey: list });
    },
    onError: onRefused ?? tellError,
    onSettled: () => setAsking(false),
  });
  const icon = <IconTrash size={16} aria-hidden />;
  const ask = () => setAsking(true);
  return (
    <>
      {iconOnly ? (
        <ActionIcon
          variant="default"
          size={36}
          flex="none"
          aria-label={question.yes}
          title={question.yes}
          onClick={ask}
        >
          {icon}
        </ActionIcon>
      ) : (
        <Button variant="default" leftSection={icon} onClick={ask}>
          {question.yes}
        </Button>
      )}
      <Confirm
        question={asking ? question : null}
        busy={drop.isPending}
        onYes={() => drop.mutate()}
        onNo={() => setAsking(false)}
      />
    </>
  );
}
