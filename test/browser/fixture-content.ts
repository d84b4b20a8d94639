/** What the browser tests know of content: blocks, files, links, previews, reactions. Made, not measured. */
import {
  type Block,
  type ContentProblem,
  type Delivery,
  type Link,
  type Preview,
  type Reaction,
  type ReactionCount,
  type StoredFile,
  type TrackingIndicators,
} from "../../src/contract/index.ts";
import { ago } from "./fixture-data.ts";

const block = (name: string, label: string, builtIn: boolean, html: string, text: string): Block => ({
  name,
  label,
  syntax: "liquid",
  html,
  text,
  builtIn,
  version: builtIn ? 0 : 2,
  updatedAt: builtIn ? null : ago(600),
});

export const makeBlocks = (): Block[] => [
  block("greeting", "Greeting", true, "Hello {{ recipient.first_name }},", "Hello {{ recipient.first_name }},"),
  block(
    "mirror-page",
    "Mirror page link",
    true,
    '<a href="{{ message.mirror_url }}">View in browser</a>',
    "View in browser: {{ message.mirror_url }}",
  ),
  block(
    "opening-hours",
    "Opening hours",
    false,
    "<p>\n  Open from nine,\n  {{ delivery.shop }}\n</p>",
    "Open from nine, {{ delivery.shop }}",
  ),
  block(
    "unsubscribe",
    "Unsubscribe link",
    true,
    '<a href="{{ message.unsubscribe_url }}">Unsubscribe</a>',
    "Unsubscribe: {{ message.unsubscribe_url }}",
  ),
];

export const makeFiles = (): StoredFile[] => [
  {
    id: "2",
    name: "terms.pdf",
    contentType: "application/pdf",
    size: 184_220,
    sha256: "ab".repeat(32),
    createdAt: ago(3000),
  },
];

export function linksOf({ content }: Delivery): Link[] {
  if (content.html === undefined) return [];
  const link = (number: number, url: string, over: Partial<Link> = {}): Link => ({
    number,
    url,
    personalised: false,
    mode: "tracked",
    label: "",
    category: "",
    part: "html",
    line: 6,
    column: 17,
    ...over,
  });
  return [
    link(1, "https://shop.example/spring", { label: "See what is new" }),
    link(2, "https://shop.example/near?city={{ recipient.city | url_encode }}", { personalised: true, line: 5 }),
    link(3, "{{ message.unsubscribe_url }}", { mode: "opt-out", label: "Unsubscribe", line: 7, column: 14 }),
  ];
}

/** As the server finds them at each save. */
export function problemsOf({ content }: Pick<Delivery, "content">): ContentProblem[] {
  const lines = (content.html ?? "").split("\n");
  return lines.flatMap((line, index): ContentProblem[] => {
    const at = line.indexOf("recipient.twon");
    if (at === -1) return [];
    const message = 'unknown attribute "twon"; the audience has "town"';
    return [{ part: "html", line: index + 1, column: at + 1, code: "unknown-attribute", message }];
  });
}

const said = (value: unknown): string => (typeof value === "string" ? value : "");

export function previewsOf({ content, sender }: Delivery, input: Record<string, unknown>): Preview[] {
  const preview = (kind: Preview["case"], recipient: string, attributes: Record<string, unknown>): Preview => {
    const fill = (source: string) =>
      source.replace(/\{\{ recipient\.(\w+) \}\}/g, (_, name: string) => said(attributes[name]));
    const missing = ["first_name", "city"].filter((name) => attributes[name] === undefined);
    return {
      recipient,
      case: kind,
      attributes,
      subject: fill(content.subject),
      from: `${sender.name} <${sender.address}>`,
      replyTo: sender.replyTo ?? "",
      html:
        content.html === undefined
          ? null
          : `${fill(content.html)}<script>document.body.append("a script ran")</script>`,
      text: `Spring is here, ${said(attributes["first_name"])}`,
      headers: [
        { name: "Subject", value: fill(content.subject) },
        { name: "List-Unsubscribe", value: "<https://mail.shop.example/u/inert>" },
      ],
      size: 11_240,
      missing: missing.map((name) => `recipient.${name}`),
      error: problemsOf({ content })[0] ?? null,
    };
  };
  if (typeof input["recipient"] === "string") {
    return [preview("recipient", input["recipient"], { email: input["recipient"], first_name: "Ada", city: "Lyon" })];
  }
  if (typeof input["attributes"] === "object") {
    return [preview("attributes", "preview@example.com", input["attributes"] as Record<string, unknown>)];
  }
  return [
    preview("longest", "maximilian@bigmail.example", { first_name: "Maximilian-Alexander ".repeat(5), city: "Lyon" }),
    preview("emptiest", "nobody@webpost.example", {}),
    preview("non-latin", "sakura@office.example", { first_name: "さくら", city: "東京" }),
  ];
}

const count = (recipients: number, recipientsHuman: number, total: number, totalHuman: number): ReactionCount => ({
  recipients,
  recipientsHuman,
  total,
  totalHuman,
});

export function trackingOf(delivery: Delivery, allSent: number): TrackingIndicators {
  const sent = delivery.settings.tracking.clicks ? allSent : 0;
  const of = (share: number) => Math.floor(sent * share);
  const link = (found: Link, share: number) => ({
    number: found.number,
    label: found.label,
    category: found.category,
    url: found.url,
    mode: found.mode,
    ...count(of(share * 1.3), of(share), of(share * 1.9), of(share * 1.2)),
  });
  return {
    opens: count(of(0.52), of(0.31), of(0.71), of(0.38)),
    estimatedOpens: count(of(0.53), of(0.32), of(0.72), of(0.39)),
    clicks: { ...count(of(0.062), of(0.048), of(0.09), of(0.058)), persons: of(0.064), personsHuman: of(0.05) },
    mirrorViews: count(of(0.004), of(0.003), of(0.005), of(0.003)),
    optOuts: count(of(0.002), of(0.001), of(0.003), of(0.001)),
    complaints: of(0.0005),
    reactivity: sent === 0 ? null : 0.119,
    reactivityHuman: sent === 0 ? null : 0.155,
    estimatedForwards: of(0.002),
    estimatedForwardsHuman: of(0.001),
    archive: { opens: of(0.004), clicks: of(0.001), mirrorViews: 0, optOuts: 0 },
    byLink: linksOf(delivery).map((found, index) => link(found, 0.03 / (index + 1))),
  };
}

export const REACTIONS: Reaction[] = [
  {
    at: ago(1),
    kind: "click",
    class: "person",
    link: { number: 1, label: "See what is new", url: "https://shop.example/spring" },
    userAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15",
  },
  {
    at: ago(2),
    kind: "open",
    class: "privacy-proxy",
    link: null,
    userAgent: "Mozilla/5.0",
  },
  {
    at: ago(3),
    kind: "click",
    class: "scanner",
    link: { number: 3, label: "", url: "{{ message.unsubscribe_url }}" },
    userAgent: "python-requests/2.32",
  },
  {
    at: ago(26),
    kind: "open",
    class: "archive",
    link: null,
    userAgent: "Archive Indexer/2.1",
  },
];
