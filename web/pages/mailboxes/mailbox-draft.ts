/** One mailbox as a form: texts as typed, the fields of both kinds of login beside each other; and what it becomes for the API. */
import type { Problem } from "../../../src/contract/index.ts";
import type { Mailbox, MailboxInput } from "../../../src/contract/mailboxes.ts";
import { type FieldErrors, fieldErrors } from "../../parts/field-errors.ts";
import type { Count } from "../../parts/form-fields.ts";

export type Login = "password" | "oauth2" | "oauth2-refresh";

export type MailboxDraft = {
  name: string;
  enabled: boolean;
  protocol: MailboxInput["protocol"];
  tls: MailboxInput["tls"];
  verifyCertificate: boolean;
  host: string;
  /** Empty: the usual one. */
  port: Count;
  user: string;
  login: Login;
  password: string;
  accessToken: string;
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  refreshToken: string;
  scope: string;
  folder: string;
  every: string;
  deleteProcessed: boolean;
};

/** The server's defaults, said here so that they can be seen. */
export const emptyMailbox: MailboxDraft = {
  name: "",
  enabled: true,
  protocol: "imap",
  tls: "implicit",
  verifyCertificate: true,
  host: "",
  port: "",
  user: "",
  login: "password",
  password: "",
  accessToken: "",
  tokenUrl: "",
  clientId: "",
  clientSecret: "",
  refreshToken: "",
  scope: "",
  folder: "INBOX",
  every: "5m",
  deleteProcessed: true,
};

/** What is connected to when no port is given (RFC 8314 for TLS from the start). */
export const usualPort = ({ protocol, tls }: Pick<MailboxDraft, "protocol" | "tls">): number =>
  tls === "implicit" ? (protocol === "imap" ? 993 : 995) : protocol === "imap" ? 143 : 110;

/** Secrets never come out: their fields are empty, and what is left empty stays as it is. */
export function draftOf(mailbox: Mailbox): MailboxDraft {
  const { name, enabled, protocol, tls, verifyCertificate, host, port, user, folder, every, deleteProcessed } = mailbox;
  const { auth } = mailbox;
  const refresh = auth.kind === "oauth2" ? auth.refresh : null;
  return {
    ...emptyMailbox,
    name,
    enabled,
    protocol,
    tls,
    verifyCertificate,
    host,
    user,
    folder,
    every,
    deleteProcessed,
    port: port === usualPort(mailbox) ? "" : port,
    login: auth.kind === "password" ? "password" : refresh === null ? "oauth2" : "oauth2-refresh",
    tokenUrl: refresh?.tokenUrl ?? "",
    clientId: refresh?.clientId ?? "",
    scope: refresh?.scope ?? "",
  };
}

export function requestOf(draft: MailboxDraft): MailboxInput {
  const { enabled, protocol, tls, verifyCertificate, port, deleteProcessed } = draft;
  return {
    enabled,
    protocol,
    tls,
    verifyCertificate,
    deleteProcessed,
    name: draft.name.trim(),
    host: draft.host.trim(),
    user: draft.user.trim(),
    folder: protocol === "imap" ? draft.folder.trim() : emptyMailbox.folder,
    every: draft.every.trim(),
    auth: authOf(draft),
    ...(port === "" ? {} : { port }),
  };
}

/** Secrets go out as typed, blanks included. */
function authOf(draft: MailboxDraft): MailboxInput["auth"] {
  if (draft.login === "password") return { kind: "password", ...filled("password", draft.password) };
  const token = { kind: "oauth2" as const, ...filled("accessToken", draft.accessToken) };
  if (draft.login === "oauth2") return token;
  return {
    ...token,
    refresh: {
      tokenUrl: draft.tokenUrl.trim(),
      clientId: draft.clientId.trim(),
      ...filled("clientSecret", draft.clientSecret),
      ...filled("refreshToken", draft.refreshToken),
      ...filled("scope", draft.scope.trim()),
    },
  };
}

const filled = <K extends string>(name: K, value: string): { [N in K]?: string } =>
  (value === "" ? {} : { [name]: value }) as { [N in K]?: string };

/** `/auth/refresh/tokenUrl` belongs to the field `tokenUrl`. */
export const errorsOf = (problem: Problem | null): FieldErrors<keyof MailboxDraft> =>
  fieldErrors(problem, (names) => {
    const name = names.findLast((each) => each in emptyMailbox);
    if (name !== undefined) return name as keyof MailboxDraft;
    return names[0] === "auth" ? "login" : null;
  });
