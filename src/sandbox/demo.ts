/** The sample campaign that comes with the sandbox: what an operator would type in, as Liquid sources. */
import { readFile } from "node:fs/promises";

export type DemoCampaign = {
  readonly subject: string;
  readonly sender: { readonly name: string; readonly address: string };
  readonly html: string;
  readonly text: string;
};

/** Uses the columns that `writePeopleCsv` writes. */
export async function demoCampaign(): Promise<DemoCampaign> {
  const read = (name: string) => readFile(new URL(`demo/${name}`, import.meta.url), "utf8");
  return {
    subject: "{{ recipient.first_name | default: 'Good morning' }}, the spring walks are open",
    sender: { name: "Hedgerow & Hill", address: "letter@hedgerow.example" },
    html: await read("campaign.html"),
    text: await read("campaign.txt"),
  };
}
