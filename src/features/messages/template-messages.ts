/** Single messages that other features make of published templates. */
import type { Instant } from "../../core/time.ts";
import { newMessageSchema } from "../../contract/index.ts";
import { type AcceptDeps, type AcceptMessage, createAcceptor } from "./accept-messages.ts";
import { createWordingChooser } from "./choose-wording.ts";
import { createWordingReader } from "./read-content.ts";

export type TemplateMessages = {
  /** Throws `invalid-input`, `external-id-used`. */
  readonly accept: AcceptMessage;
  /** Names of values of {{ recipient.NAME }} that a published template shows. Throws `invalid-input`. */
  readonly shownBy: (template: string, now: Instant) => Promise<ReadonlySet<string>>;
};

export function createTemplateMessages(deps: AcceptDeps): TemplateMessages {
  const choose = createWordingChooser(deps.db);
  const read = createWordingReader(deps.db, deps);
  return {
    accept: createAcceptor(deps),
    shownBy: async (template, now) => {
      // The address says nothing here: only the template is read.
      const { wording } = await choose(newMessageSchema.parse({ to: "-", template }), now);
      const { compiled } = await read(wording, now);
      return new Set(compiled.attributes.map(({ name }) => name));
    },
  };
}
