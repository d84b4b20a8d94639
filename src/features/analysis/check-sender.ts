/** Reads what the checklist says about who writes: masks of the platform, signatures, the DMARC policy of the domain. */
import { parseAddress } from "../../core/address/parse-address.ts";
import { wholeSender, type WholeSender } from "../../core/delivery/sender.ts";
import type { DmarcAnswers } from "../../core/dmarc/find-policy.ts";
import { judgeSender, namesToAsk, type SenderDomains } from "../../core/dmarc/judge-sender.ts";
import { isActive } from "../../core/typology/apply-built-in.ts";
import type { ChecklistItem, Sender, Settings } from "../../contract/index.ts";
import type { Db, Queryable, Tx } from "../../platform/db.ts";
import { type AskDmarc, loadSigner } from "../domains/index.ts";
import { loadSettings } from "../settings/index.ts";
import { typologyOf } from "../typologies/index.ts";
import { alignmentItems } from "./checks-alignment.ts";
import { dmarcItems } from "./dmarc-items.ts";
import { maskItems } from "./sender-items.ts";

/** How an installation whose mail leaves the machine asks for DMARC policies. */
export type DmarcDeps = {
  readonly ask: AskDmarc;
  /** Its mail goes to relays, which may sign it. */
  readonly isRelayed: boolean;
};
/** What was answered before the analysis began its transaction. */
export type AskedDmarc = Pick<DmarcDeps, "isRelayed"> & { readonly answers: DmarcAnswers };

type Sending = {
  readonly sender: WholeSender;
  readonly settings: Pick<Settings, "dkim"> & Partial<Pick<Settings, "routes" | "transport">>;
};
type Row = { readonly sender: Sender; readonly settings: Settings };

/** Null: nobody wants to know, or From is another one for each message. Strangers' servers keep no locks waiting. */
export async function askDmarc(db: Db, id: number, deps: DmarcDeps | undefined): Promise<AskedDmarc | null> {
  if (deps === undefined) return null;
  const [row] = await db.query<Row>("select sender, settings from deliveries where id = $1 and state = 'analysing'", [
    id,
  ]);
  if (!row || !isActive("dmarc", (await typologyOf(db, row.settings)).builtIn)) return null;
  const sender = wholeSender(row.sender, await loadSettings(db));
  const domains = await domainsOf(db, { sender, settings: row.settings });
  if (domains === null) return null;
  return { isRelayed: deps.isRelayed, answers: await deps.ask(namesToAsk(domains)) };
}

export async function checkSender(tx: Tx, sending: Sending, dmarc: AskedDmarc | null): Promise<ChecklistItem[]> {
  const { sender, settings } = sending;
  const { senderMasks } = await loadSettings(tx);
  const domain = domainOf(sender.address);
  const signer = await loadSigner(tx, domain ?? "", settings.dkim ?? null);
  const domains = dmarc && (await domainsOf(tx, sending));
  const verdict = dmarc && domains && judgeSender(dmarc.answers, domains);
  const isRelayed = isByRelay(settings, dmarc?.isRelayed === true) || settings.routes?.["*"] !== undefined;
  const alignment = alignmentItems({ domain, ...signer });
  return [
    ...maskItems(sender, senderMasks),
    // What DNS says of alignment is exact.
    ...(verdict?.kind === "judged" ? alignment.filter(({ id }) => id !== "from-unaligned") : alignment),
    ...(verdict && domains ? dmarcItems(domains, verdict, isRelayed && !signer.someKeys) : []),
  ];
}

function isByRelay({ transport = "platform" }: Sending["settings"], isPlatformRelayed: boolean): boolean {
  return transport === "platform" ? isPlatformRelayed : transport === "relay";
}

async function domainsOf(db: Queryable, { sender, settings }: Sending): Promise<SenderDomains | null> {
  const from = domainOf(sender.address);
  if (from === null) return null;
  const { signedAs } = await loadSigner(db, from, settings.dkim ?? null);
  return { from, signedAs, returnPath: sender.errorAddress.trim() === "" ? from : domainOf(sender.errorAddress) };
}

/** Null: personalised. */
function domainOf(text: string): string | null {
  const address = parseAddress(text);
  return address.kind === "valid" ? address.domain : null;
}
