/** What the choice of the population has to say, as checklist items. Pure. */
import type { Audience, ChecklistItem, Control } from "../../contract/index.ts";
import type { Taken } from "./capacity-store.ts";
import type { Seeds } from "./seeds-store.ts";

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

/** People of a file are this delivery's only: nobody could compare them with a group later. */
export function controlItems(control: Control | undefined, audience: Audience): ChecklistItem[] {
  if (control === undefined || !("import" in audience)) return [];
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
