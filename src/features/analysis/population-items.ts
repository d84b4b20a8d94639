/** What the choice of the population has to say, as checklist items. Pure. */
import type { Audience, ChecklistItem, Control, Settings } from "../../contract/index.ts";
import type { Manifest } from "../../core/message/manifest.ts";
import type { Taken } from "./capacity-store.ts";
import type { Seeds } from "./seeds-store.ts";
import type { FileFacts } from "./target-store.ts";

const number = (n: number) => n.toLocaleString("en-US");

export function capacityItems(taken: readonly Taken[]): ChecklistItem[] {
  return taken.map(({ rule, line, consumed, wanted, excess }): ChecklistItem => {
    const period = line.from === line.to ? line.from : `${line.from} to ${line.to}`;
    const facts = `${period}: ${number(line.messages)} messages can be taken, other deliveries take ${number(consumed)}, this one wants ${number(wanted)}.`;
    if (excess === 0) {
      return { id: "capacity", level: "info", title: `There is capacity for all: ${rule.name}`, detail: facts };
    }
    const what = rule.definition.excludeExcess ? "excluded as excluded-by-arbitration" : "not excluded";
    const title = `There is no capacity for ${number(excess)} messages: ${rule.name}`;
    return { id: "capacity-exceeded", level: "warning", title, detail: `${facts} Those beyond it are ${what}.` };
  });
}

/** The rows of one file: of one that made recipients, or of one that makes none. */
export const isFile = (audience: Audience): boolean => "import" in audience || "file" in audience;

/** What does not look at those who are no recipients, and what does not count them. */
export function fileItems({ isGone, known, rows }: FileFacts): ChecklistItem[] {
  if (isGone) {
    const detail = "They are kept as long as a delivery needs them. Upload the file again and choose it.";
    return [{ id: "file-target-gone", level: "error", title: "The rows of the file are not there any more", detail }];
  }
  const title = "The target is a file whose rows do not become recipients";
  const detail = `${number(known)} of ${number(rows)} rows have the address of a recipient: lists, services, reactions and pressure rules know of those only; attributes are the file's. Its messages count in no pressure rule and no segment.`;
  return [{ id: "file-target", level: "info", title, detail }];
}

/** Rows of a file are not kept to be shown: their mirror pages are shut. */
export function fileMirrorItems(
  audience: Audience,
  { mirror }: Pick<Settings, "mirror">,
  links: Manifest["links"],
): ChecklistItem[] {
  if (!("file" in audience)) return [];
  const detail = "The target is a file whose rows do not become recipients, and its messages have no mirror pages.";
  if (mirror === "force") {
    const title = "The delivery wants mirror pages, and there are none";
    return [{ id: "file-mirror-forced", level: "error", title, detail: `${detail} Choose another mode.` }];
  }
  if (!links.some(({ mode }) => mode === "mirror")) return [];
  const title = "The link to the mirror page leads nowhere";
  return [{ id: "mirror-of-file", level: "warning", title, detail: `${detail} Take the link out.` }];
}

/** People of a file are this delivery's only: nobody could compare them with a group later. */
export function controlItems(control: Control | undefined, audience: Audience): ChecklistItem[] {
  if (control === undefined || !isFile(audience)) return [];
  return [
    {
      id: "control-group-of-file",
      level: "error",
      title: "A file has no control group",
      detail: "The target is the rows of one file. Make it a list or a segment, or take the control group away.",
    },
  ];
}

export function seedItems({ seeds, gone }: Seeds): ChecklistItem[] {
  const items: ChecklistItem[] = [];
  if (seeds.length > 0) {
    const detail = "They get what recipients get, stand in the log as seeds, and are in no figure.";
    items.push({ id: "seeds", level: "info", title: `${number(seeds.length)} seed addresses are mixed in`, detail });
  }
  if (gone > 0) {
    const detail = "Seeds or lists of seeds that the delivery names do not exist any more.";
    items.push({ id: "seeds-gone", level: "warning", title: `${number(gone)} seeds or lists are missing`, detail });
  }
  return items;
}
