/** Leads to the page of something that is not there yet. */
import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { Link, type LinkProps } from "@tanstack/react-router";

/** `to`: the address of one of them, with its `$id`. */
export function NewButton({ to, word }: { to: LinkProps["to"] & string; word: string }) {
  return (
    <Button component={Link} to={to} params={{ id: "new" } as never} leftSection={<IconPlus size={16} aria-hidden />}>
      {word}
    </Button>
  );
}
