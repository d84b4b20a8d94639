/** Makes label and code of a delivery whose settings have texts for them, and keeps them with it. */
import type { ChecklistItem, Settings } from "../../contract/index.ts";
import { type Computed, computeWords } from "../../core/delivery/computed.ts";
import type { Instant } from "../../core/time.ts";
import type { Tx } from "../../platform/db.ts";
import { loadSettings } from "../settings/index.ts";

type Named = {
  readonly id: number;
  readonly label: string;
  readonly sender: { readonly name: string };
  readonly settings: Pick<Settings, "nature" | "variables"> & Partial<Pick<Settings, "computed">>;
};
type Counts = { readonly targeted: number; readonly toDeliver: number };
type Names = { readonly label: string; readonly items: readonly ChecklistItem[]; readonly detail: object };

/** The version stays: whoever edits the delivery meanwhile has lost nothing. */
export async function computeNames(tx: Tx, delivery: Named, counts: Counts, now: Instant): Promise<Names> {
  const { id, label, sender, settings } = delivery;
  const texts = settings.computed ?? {};
  if (!texts.label?.trim() && !texts.code?.trim()) return { label, items: [], detail: {} };
  const [row] = await tx.query<{ code: string; category: string; template: string }>(
    `select code, category, coalesce((select t.label from templates t where t.id = d.template_id), '') as template
       from deliveries d where id = $1`,
    [id],
  );
  const { code = "", category = "", template = "" } = row ?? {};
  const { nature, variables } = settings;
  const made = computeWords(texts, {
    delivery: { id: String(id), label, code, category, template, nature, sender_name: sender.name },
    variables,
    counts,
    platformName: (await loadSettings(tx)).organisation,
    now,
  });
  await tx.query("update deliveries set label = coalesce($2, label), code = coalesce($3, code) where id = $1", [
    id,
    made.label,
    made.code,
  ]);
  return { label: made.label ?? label, items: computedItems(made), detail: detailOf(made) };
}

const NAMES = { label: "Label", code: "Code" } as const;

function computedItems({ errors, ...made }: Computed): ChecklistItem[] {
  const failed = errors.map(
    ({ field, line, column, message }): ChecklistItem => ({
      id: `computed-${field}`,
      level: "error",
      title: `${NAMES[field]} that the analysis makes, line ${line}, column ${column}`,
      detail: message,
    }),
  );
  const named = (["label", "code"] as const).flatMap((field): ChecklistItem[] => {
    const text = made[field];
    if (text === null) return [];
    const title = text === "" ? `${NAMES[field]}: none` : `${NAMES[field]}: ${text}`;
    return [
      { id: `computed-${field}`, level: "info", title, detail: "Made by this analysis; the next one makes it anew." },
    ];
  });
  return [...failed, ...named];
}

const detailOf = ({ label, code }: Computed) => ({
  ...(label === null ? {} : { label }),
  ...(code === null ? {} : { code }),
});
