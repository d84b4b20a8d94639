/**
 * Asks the links of a delivery whether they lead somewhere, where its typology wants to know. Before the analysis begins its transaction:
 * strangers' servers keep no locks waiting.
 */
import type { ChecklistItem } from "../../contract/index.ts";
import { type Duration, SECOND } from "../../core/time.ts";
import { isActive } from "../../core/typology/apply-built-in.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import type { AskLink, LinkAnswer } from "../../platform/link-probe.ts";
import { type ContentDeps, type DeliveryContent, readContent } from "../content/index.ts";
import { typologyOf } from "../typologies/index.ts";
import { type LinkToAsk, linksToAsk, reachableItems } from "./reachable-items.ts";

const LINKS_MAX = 100;
const AT_ONCE = 5;
const ALL_TOGETHER: Duration = 30 * SECOND;

type AskedLinks = { readonly items: readonly ChecklistItem[]; mustBeOf(version: number): void };

/** Null: nobody wants to know, or the content has errors. What is asked is that of one version of the delivery. */
export async function askLinks(
  db: Db,
  id: number,
  deps: ContentDeps & { readonly askLink?: AskLink },
): Promise<AskedLinks | null> {
  if (deps.askLink === undefined) return null;
  const [delivery] = await db.query<DeliveryContent & { version: number }>(
    "select content, sender, settings, version from deliveries where id = $1 and state = 'analysing'",
    [id],
  );
  if (!delivery) return null;
  const typology = await typologyOf(db, delivery.settings);
  if (!isActive("links-reachable", typology.builtIn)) return null;
  const content = await readContent(db, delivery, deps);
  if (content.kind === "errors") return null;
  const links = linksToAsk(content.prepared.manifest);
  const items = reachableItems(links, await askAll(links, deps.askLink));
  return {
    items,
    mustBeOf: (version) => {
      if (version !== delivery.version) throw appError("delivery-changed", { id });
    },
  };
}

async function askAll(links: readonly LinkToAsk[], ask: AskLink): Promise<ReadonlyMap<string, LinkAnswer>> {
  const answers = new Map<string, LinkAnswer>();
  const stop = AbortSignal.timeout(ALL_TOGETHER);
  const queue = links.slice(0, LINKS_MAX).values();
  const work = async () => {
    for (const { address } of queue) answers.set(address, await ask(address, stop));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return answers;
}
