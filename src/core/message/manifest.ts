/**
 * All that the bytes of a delivery's messages depend on besides the message's own row. Frozen by the analysis: later edits of
 * blocks, settings, keys or the public URL change nothing that was analysed.
 */

/** What a recipient gets: both parts, one of them, or what their attribute `email_format` says. */
export type MessageFormat = "alternative" | "html" | "text";
export type FormatChoice = "recipient" | MessageFormat;

/** Of a tracked link; `opt-out` and `mirror` lead to Envoi's own pages, whose visits are counted there. */
export type LinkMode = "tracked" | "not-tracked" | "opt-out" | "mirror";

export type Link = {
  /** From 1, the same in HTML and text where the URL is the same. */
  readonly number: number;
  /** As written, entities decoded; Liquid where it is personalised. */
  readonly url: string;
  readonly personalised: boolean;
  readonly mode: LinkMode;
  readonly label: string;
  readonly category: string;
  readonly part: "html" | "text";
  /** Place in the operator's source, from 1. */
  readonly line: number;
  readonly column: number;
};

export type Attachment = {
  readonly fileId: number;
  /** Personalisable. */
  readonly name: string;
  readonly contentType: string;
  /** Of an image that the HTML shows by `cid:`; null for an attachment proper. */
  readonly contentId: string | null;
  /** Bytes. */
  readonly size: number;
};

/** Every template is Liquid, prepared: campaign syntax translated, blocks expanded, CSS inlined, links numbered. */
export type Manifest = {
  readonly version: 1;
  readonly subject: string;
  readonly html: string | null;
  readonly text: string | null;
  readonly fromName: string;
  readonly fromAddress: string;
  readonly replyTo: string | null;
  /** Absent in manifests that are older than it, and where Reply-To has no name. */
  readonly replyToName?: string;
  /** Null: the sender address receives bounces. */
  readonly errorAddress: string | null;
  /** The message's tag goes into the return path: `local+TAG@domain`. */
  readonly verp: boolean;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly attachments: readonly Attachment[];
  readonly format: FormatChoice;
  /** First match wins; domains in lower case ASCII, `*.example.jp` for its subdomains. */
  readonly formatRules: readonly { readonly domains: readonly string[]; readonly format: MessageFormat }[];
  /** IANA name in lower case. */
  readonly charset: string;
  readonly links: readonly Link[];
  /** Number of the link that nobody can see; null: none. */
  readonly honeypot: number | null;
  readonly listUnsubscribe: {
    readonly header: boolean;
    /** `mailto:` beside https; the message's tag goes into it. */
    readonly mailbox: string | null;
  };
  /** Names and values of `delivery.*` besides id and label. */
  readonly variables: Readonly<Record<string, string>>;
  readonly platform: { readonly name: string; readonly logoUrl: string };
  /** Base of all public links, without a slash at its end. */
  readonly publicUrl: string;
  readonly tokenKeyId: number;
  /** Of the personalisation of one message, in milliseconds as the operator thinks of it; 0: no limit. */
  readonly personalisationTimeout: number;
};
