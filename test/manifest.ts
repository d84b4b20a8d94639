/** What content is compiled into, as tests begin: a news mail of example.org with a way out in both parts and nothing else. */
import type { Link, Manifest } from "../src/core/message/manifest.ts";

export const MANIFEST: Manifest = {
  version: 1,
  subject: "Spring has come",
  html: "<p>{{ message.unsubscribe_url }}</p>",
  text: "{{ message.unsubscribe_url }}",
  fromName: "",
  fromAddress: "a@example.org",
  replyTo: null,
  errorAddress: null,
  verp: false,
  headers: [],
  attachments: [],
  format: "recipient",
  formatRules: [],
  charset: "utf-8",
  links: [],
  honeypot: null,
  listUnsubscribe: { header: true, mailbox: null },
  variables: {},
  platform: { name: "", logoUrl: "" },
  publicUrl: "https://t.example.org",
  tokenKeyId: 1,
  personalisationTimeout: 5000,
};

/** Tracked, the first of the HTML part. */
export function manifestLink(changes: Partial<Link> = {}): Link {
  return {
    number: 1,
    url: "https://example.org/",
    personalised: false,
    mode: "tracked",
    label: "",
    category: "",
    part: "html",
    line: 1,
    column: 1,
    ...changes,
  };
}
