/** `imap://user:pass@host:port/Folder`, as RFC 5092 writes it, with a password (RFC 5092 §3 has none). */
export type MailboxUrl = {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (`imaps:`). */
  readonly implicitTls: boolean;
  readonly user: string;
  /** Null: it has to come from elsewhere. */
  readonly password: string | null;
  /** From the outermost folder inwards. */
  readonly folder: readonly string[];
  /** Without the password, to be shown. */
  readonly shown: string;
};

/** Null for whatever is no such address. */
export function parseMailboxUrl(text: string): MailboxUrl | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || (url.protocol !== "imap:" && url.protocol !== "imaps:") || !url.hostname || !url.username) return null;
  const implicitTls = url.protocol === "imaps:";
  const user = decode(url.username);
  const password = decode(url.password);
  const path = url.pathname.split("/").filter((name) => name !== "");
  const folder = path.length === 0 ? ["INBOX"] : path.map(decode);
  if (user === null || password === null || folder.includes(null) || url.port === "0") return null;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port ? Number(url.port) : implicitTls ? 993 : 143,
    implicitTls,
    user,
    password: password === "" ? null : password,
    folder: folder as string[],
    shown: `${url.protocol}//${url.username}@${url.host}${url.pathname}`,
  };
}

/** Null: a `%` that encodes nothing, or a control character. */
function decode(text: string): string | null {
  try {
    const decoded = decodeURIComponent(text);
    return /\p{Cc}/u.test(decoded) ? null : decoded;
  } catch {
    return null;
  }
}
