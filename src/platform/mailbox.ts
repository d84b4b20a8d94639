/** A mailbox on somebody's server from which mail is fetched; implemented by adapters/mailbox-poll, handed in by the roles. */

export type MailboxServer = {
  readonly protocol: "pop3" | "imap";
  readonly host: string;
  readonly port: number;
  readonly tls: "implicit" | "starttls" | "none";
  readonly verifyCertificate: boolean;
  readonly user: string;
  readonly login:
    | { readonly kind: "password"; readonly password: string }
    /** XOAUTH2, or OAUTHBEARER (RFC 7628) where the server has that. */
    | { readonly kind: "token"; readonly accessToken: string };
  /** Of IMAP. */
  readonly folder: string;
};

export type ListedMail = {
  /** Of this session only. */
  readonly ref: number;
  /** Names the mail for ever, in this mailbox; null: the server has no name that is its alone. */
  readonly uid: string | null;
  /** Bytes, as the server says. */
  readonly size: number;
};

/** `too-large`: more bytes than were asked for, whatever the list said. `gone`: somebody else took it away. */
export type Fetched = { readonly ref: number; readonly mail: Uint8Array | "too-large" | "gone" };

/** `why`: in the server's words; null: nothing was kept. */
export type Removed = { readonly kept: ReadonlySet<number>; readonly why: string | null };

/** All reject with `MailboxError`. After a rejection, or when a `fetch` is not read to its end, only `close` is left to do. */
export type MailboxSession = {
  /** All that lies there, oldest first. */
  list(): Promise<readonly ListedMail[]>;
  /** One at a time, in the order given; nothing is marked as read. */
  fetch(refs: readonly number[], maxBytes: number): AsyncIterable<Fetched>;
  /** Those and no others; resolves when it is sure that all but the kept ones are gone. Ends the session. */
  removeAndEnd(refs: readonly number[]): Promise<Removed>;
  /** Without a word. */
  close(): void;
};

/** Breaks when `signal` does, and after half an hour whatever goes on. */
export type OpenMailbox = (server: MailboxServer, signal?: AbortSignal) => Promise<MailboxSession>;

/** `login`: user, password or token were refused. */
export type MailboxProblem = "unreachable" | "tls" | "login" | "refused" | "protocol" | "stopped";

export class MailboxError extends Error {
  readonly problem: MailboxProblem;

  /** `message` is shown to operators. */
  constructor(problem: MailboxProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "MailboxError";
    this.problem = problem;
  }
}

export type TokenRequest = {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string | null;
  readonly refreshToken: string;
  readonly scope: string | null;
};

export type NewToken = {
  readonly accessToken: string;
  /** Seconds that it is good for. */
  readonly expiresIn: number;
  /** Null: the old one stays. */
  readonly refreshToken: string | null;
};

/** Rejects with `MailboxError`. */
export type RenewToken = (request: TokenRequest, signal?: AbortSignal) => Promise<NewToken>;
