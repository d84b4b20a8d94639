/** All roles with the sandbox internet and the inbound listener, so that what comes back goes the whole way; and what the API says of it. */
import type { Checklist, Delivery, LiveIndicators } from "../../src/contract/index.ts";
import type { InboundMailEntry } from "../../src/contract/inbound.ts";
import type { TrackingIndicators } from "../../src/contract/tracking.ts";
import type { LogLine } from "./envoi.ts";
import { analyse } from "./rich-delivery.ts";
import { openGround, Rig } from "./rig.ts";
import { until } from "./until.ts";

export type Figures = LiveIndicators & TrackingIndicators & { readonly newQuarantines: number };
type Page<T> = { readonly data: T[]; readonly nextCursor: string | null };

/** The addresses of an installation whose bounce domain leads to Envoi. */
const ADDRESSES = {
  bounceDomain: "back.sender.example",
  errorAddress: "bounces@back.sender.example",
  unsubscribeAddress: "out@back.sender.example",
  unqualifiedAddress: "desk@sandbox.test",
  forwardAddress: "copies@sandbox.test",
};

export class BounceRig extends Rig {
  /** Started. `replies`: a file for the sandbox. */
  static async open(replies: string | null): Promise<BounceRig> {
    const { dir, database, env } = await openGround();
    const rig = new BounceRig(dir, database, {
      ...env,
      ENVOI_ROLES: "web,worker,sender,inbound,sandbox",
      ENVOI_INBOUND: "127.0.0.1:0",
      ...(replies === null ? {} : { ENVOI_SANDBOX_REPLIES: replies }),
    });
    await rig.start();
    await rig.call("PUT", "/settings", ADDRESSES);
    return rig;
  }

  close(): Promise<void> {
    return this.end();
  }

  /** The id of a delivery that was just confirmed. */
  async send(emails: readonly string[]): Promise<number> {
    const { id } = await this.analysed(emails);
    await this.confirm(id);
    return id;
  }

  /** A delivery, and what its analysis found. */
  async analysed(emails: readonly string[]): Promise<{ id: number; checklist: Checklist }> {
    const { id } = await this.call<Delivery>("POST", "/deliveries", {
      label: "News",
      content: { subject: "Hello {{ recipient.name }}", html: "<p>Hello {{ recipient.name }}, unsubscribe</p>" },
      sender: { name: "Tests", address: "news@sender.example" },
      audience: { import: await this.importPeople(emails.map((email) => ({ email, name: "Ada" }))) },
      settings: { partSize: 100 },
    });
    return { id: Number(id), checklist: await analyse(this.call, id) };
  }

  /** By recipient. */
  async log(id: number): Promise<Map<string, LogLine>> {
    const lines = await this.all<LogLine>(`/deliveries/${id}/messages?limit=100`);
    return new Map(lines.map((line) => [line.recipient, line]));
  }

  figures(id: number): Promise<Figures> {
    return this.call("GET", `/deliveries/${id}/indicators`);
  }

  async standing(address: string): Promise<string> {
    const { status } = await this.call<{ status: string }>("GET", `/quarantine/${encodeURIComponent(address)}`);
    return status;
  }

  /** What came in, once so many mails are done with; oldest first. */
  untilMails(count: number): Promise<InboundMailEntry[]> {
    return until(async () => {
      const mails = await this.all<InboundMailEntry>("/inbound-mails?limit=100");
      return mails.filter(({ state }) => state === "done").length >= count ? mails.toReversed() : null;
    });
  }

  /** Subjects of what the sandbox took for this address, once there are so many. */
  untilTaken(address: string, count: number): Promise<string[]> {
    return until(async () => {
      const taken = await this.all<{ subject: string }>(`/sandbox/messages?limit=100&recipient=${address}`);
      return taken.length >= count ? taken.map(({ subject }) => subject) : null;
    });
  }

  private async all<T>(path: string): Promise<T[]> {
    const rows: T[] = [];
    let cursor: string | null = null;
    do {
      const page: Page<T> = await this.call("GET", `${path}${cursor === null ? "" : `&cursor=${cursor}`}`);
      rows.push(...page.data);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return rows;
  }
}
