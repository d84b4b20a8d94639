/** Figures of reactions: read from counters, a handful of rows per link, however many events there were. */
import type { Reaction, ReactionCount, TrackingIndicators } from "../../contract/index.ts";
import type { MessageKey } from "../../core/delivery/status.ts";
import { formatInstant } from "../../core/time.ts";
import type { Link } from "../../core/message/manifest.ts";
import type { Queryable } from "../../platform/db.ts";
import { listEvents, loadCounters, loadLinks, type CounterRow, type TrackedContent } from "./figures-store.ts";

const REACTIONS_SHOWN = 500;

type Find = (kind: CounterRow["kind"], link: number) => CounterRow | undefined;

/** Formulas of the incumbent's reports, with and without machines. All zero for a delivery that nobody reacted to, or that does not exist. */
export async function loadTrackingIndicators(db: Queryable, deliveryId: number): Promise<TrackingIndicators> {
  const [rows, content] = await Promise.all([loadCounters(db, deliveryId), loadLinks(db, deliveryId)]);
  const byPlace = new Map(rows.map((row) => [`${row.kind} ${row.link}`, row]));
  const find: Find = (kind, link) => byPlace.get(`${kind} ${link}`);
  // Programs alone follow the honeypot; among the links it would only puzzle.
  const links = (content?.links ?? []).filter(({ number }) => number !== content?.honeypot);
  const opens = toCount(find("open", 0));
  const clicks = toCount(find("click", 0));
  const persons = find("click", 0)?.persons ?? 0;
  const personsHuman = find("click", 0)?.persons_human ?? 0;
  return {
    opens,
    clicks: { ...clicks, persons, personsHuman },
    mirrorViews: toCount(find("mirror", 0)),
    optOuts: toCount(find("opt-out", 0)),
    complaints: find("complaint", 0)?.recipients ?? 0,
    estimatedOpens: estimate(opens, content),
    reactivity: ratio(clicks.recipients, opens.recipients),
    reactivityHuman: ratio(clicks.recipientsHuman, opens.recipientsHuman),
    estimatedForwards: Math.max(0, persons - clicks.recipients),
    estimatedForwardsHuman: Math.max(0, personsHuman - clicks.recipientsHuman),
    archive: {
      opens: find("open", 0)?.archive ?? 0,
      clicks: find("click", 0)?.archive ?? 0,
      mirrorViews: find("mirror", 0)?.archive ?? 0,
      optOuts: find("opt-out", 0)?.archive ?? 0,
    },
    byLink: links.map((link) => ({ ...describe(link), ...toCount(counterOf(find, link)) })),
  };
}

/** As many of those who got no HTML, and whose opens nobody sees, are taken to have opened as of the others. */
function estimate(opens: ReactionCount, content: TrackedContent | null): ReactionCount {
  const withHtml = content === null ? 0 : content.toDeliver - content.textMessages;
  const factor = content === null || withHtml <= 0 ? 0 : content.toDeliver / withHtml;
  const scaled = (count: number) => Math.round(count * factor);
  return {
    recipients: scaled(opens.recipients),
    recipientsHuman: scaled(opens.recipientsHuman),
    total: scaled(opens.total),
    totalHuman: scaled(opens.totalHuman),
  };
}

/** Links to Envoi's pages, and those that the operator declared to be such, are counted as what they are, not as clicks. */
function counterOf(find: Find, { mode, number }: Link): CounterRow | undefined {
  return find(mode === "mirror" || mode === "opt-out" ? mode : "click", number);
}

function describe({ number, label, category, url, mode }: Link) {
  return { number, label, category, url, mode };
}

function toCount(row: CounterRow | undefined): ReactionCount {
  return {
    recipients: row?.recipients ?? 0,
    recipientsHuman: row?.recipients_human ?? 0,
    total: row?.total ?? 0,
    totalHuman: row?.total_human ?? 0,
  };
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** What a message's recipient did, newest first; the 500 newest. */
export async function loadReactions(db: Queryable, key: MessageKey): Promise<Reaction[]> {
  const rows = await listEvents(db, key, REACTIONS_SHOWN);
  const [first] = rows;
  const content = first === undefined ? null : await loadLinks(db, first.delivery_id);
  const links = new Map(content?.links.map((link) => [link.number, link]));
  return rows.map((row) => {
    const link = links.get(row.link);
    return {
      at: formatInstant(row.at),
      kind: row.kind,
      class: row.class,
      link: link === undefined ? null : { number: link.number, label: link.label, url: link.url },
      userAgent: row.user_agent,
    };
  });
}
