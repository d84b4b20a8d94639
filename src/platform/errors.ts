/**
 * Every error that a user can see, in one catalogue: code, HTTP status, exit code of the command line and the sentence.
 * Sentences say what happened, where, and what to do. Translated once, at the edge, into RFC 9457 problem details.
 *
 * Longer than the house limit: it is one catalogue, by code.
 */

type Entry = { readonly status: number; readonly exit: number; readonly message: (p: Params) => string };
export type Params = Readonly<Record<string, string | number>>;

const BAD_INPUT = 2;

const entry = (status: number, exit: number, message: (p: Params) => string): Entry => ({ status, exit, message });

/** Alphabetical. A test keeps docs/errors.md in step. */
export const CATALOGUE = {
  "action-not-allowed": entry(409, 1, (p) => `Delivery ${p["id"]} is ${p["state"]}: it cannot be ${p["action"]} now.`),
  "address-denylisted": entry(
    409,
    1,
    (p) =>
      `${p["address"]} is on the denylist (${p["why"]}): its owner wants no mail. To set that aside, say so: "denylisted": true.`,
  ),
  "analysis-cancelled": entry(409, 1, (p) => `The analysis of delivery ${p["id"]} was cancelled; nothing was changed.`),
  "analysis-has-errors": entry(409, 3, (p) => `The analysis of delivery ${p["id"]} found errors; nothing was sent.`),
  "approval-decided": entry(
    409,
    1,
    (p) =>
      `The ${p["kind"]} of delivery ${p["id"]} was ${p["decision"]} by ${p["by"]} already; the first decision counts.`,
  ),
  "approval-missing": entry(409, 1, (p) => `Delivery ${p["id"]} cannot start: ${p["missing"]}. Nothing was sent.`),
  "archive-in-use": entry(
    409,
    1,
    (p) => `The archive "${p["name"]}" cannot be removed: ${p["why"]}. Switch it off, then no new delivery takes it.`,
  ),
  "archive-missing": entry(
    409,
    3,
    (p) =>
      `Delivery ${p["id"]} wants copies for the archive, and ${p["why"]}; nothing was sent. Set up an archive, or switch the copies off.`,
  ),
  "archive-unreadable": entry(502, BAD_INPUT, (p) => `The archive ${p["what"]} cannot be read: ${p["detail"]}`),
  "attribute-exists": entry(
    409,
    1,
    (p) => `The attribute "${p["name"]}" is declared already; change that declaration.`,
  ),
  "attribute-misfits": entry(
    409,
    1,
    (p) =>
      `${p["misfits"]} of ${p["total"]} recipients who have "${p["name"]}" have a value that is no ${p["type"]}; nothing was changed. Correct them, or have them erased: "misfits": "erase".`,
  ),
  "backup-exists": entry(409, BAD_INPUT, (p) => `${p["file"]} is there already; a backup replaces nothing.`),
  "backup-unusable": entry(
    422,
    BAD_INPUT,
    (p) => `The backup cannot be restored: ${p["detail"]}. Nothing was changed.`,
  ),
  "block-built-in": entry(
    409,
    BAD_INPUT,
    (p) => `The block "${p["name"]}" comes with Envoi: it cannot be ${p["action"]}. Save yours under another name.`,
  ),
  "block-in-use": entry(409, 1, (p) => `The block "${p["name"]}" is used by ${p["users"]}. Take it out there first.`),
  "code-needed": entry(401, 1, () => "The code of the authenticator app is needed besides, or a recovery code."),
  "code-wrong": entry(
    401,
    1,
    () => "The code is wrong, or was used already. Codes of the app change every 30 seconds.",
  ),
  "config-invalid": entry(500, BAD_INPUT, (p) => `Configuration: ${p["problems"]}`),
  "confirm-count": entry(
    409,
    1,
    (p) =>
      `Delivery ${p["id"]} goes to ${p["toDeliver"]} people; ${p["given"]}. Nothing was sent. Say the number: {"toDeliver": ${p["toDeliver"]}}.`,
  ),
  "cross-site-request": entry(
    403,
    1,
    () =>
      "The session cookie counts only for requests from Envoi's own pages. Scripts send Authorization: Bearer TOKEN.",
  ),
  "csv-binary": entry(
    422,
    BAD_INPUT,
    (p) =>
      `${p["file"]} is not a text file: byte ${p["offset"]} belongs to no text; it looks like ${p["looksLike"]}. A CSV file is needed.`,
  ),
  "csv-column-duplicate": entry(
    422,
    BAD_INPUT,
    (p) =>
      `${p["file"]}, line ${p["line"]}, column ${p["column"]}: the column name "${p["name"]}" is there twice, first in column ${p["first"]}. Rename one of them.`,
  ),
  "csv-column-unknown": entry(
    422,
    BAD_INPUT,
    (p) => `${p["file"]} has no column "${p["name"]}", which the mapping names. Columns found: ${p["columns"]}.`,
  ),
  "csv-column-unnamed": entry(
    422,
    BAD_INPUT,
    (p) => `${p["file"]}, line ${p["line"]}, column ${p["column"]}: this column has no name.`,
  ),
  "csv-empty": entry(
    422,
    BAD_INPUT,
    (p) => `${p["file"]} is empty: its first line must name the columns, one of them "email".`,
  ),
  "csv-malformed": entry(
    422,
    BAD_INPUT,
    (p) => `${p["file"]}, line ${p["line"]}, column ${p["column"]}: the value ${p["detail"]}. Nothing was imported.`,
  ),
  "csv-no-email-column": entry(
    422,
    BAD_INPUT,
    (p) =>
      `${p["file"]}, line ${p["line"]}: no column is named "email" (also e-mail, email_address, mail). Columns found: ${p["columns"]}.`,
  ),
  "data-dir-unusable": entry(500, 1, (p) => `The data directory ${p["dir"]} cannot be used: ${p["detail"]}`),
  "database-login-failed": entry(
    503,
    1,
    (p) => `The database refused the login (${p["detail"]}). Check user and password in DATABASE_URL.`,
  ),
  "database-not-empty": entry(
    409,
    BAD_INPUT,
    () => "A backup is restored into an empty database only; this one has data. Nothing was changed.",
  ),
  "database-start-failed": entry(503, 1, (p) => `The embedded PostgreSQL did not start: ${p["detail"]}`),
  "database-too-old": entry(503, 1, (p) => `PostgreSQL ${p["version"]} is too old: version 15 or newer is needed.`),
  "database-unreachable": entry(
    503,
    1,
    (p) => `The database cannot be reached (${p["detail"]}). Check DATABASE_URL and that the server runs.`,
  ),
  "delivery-changed": entry(
    409,
    1,
    (p) => `Delivery ${p["id"]} was changed since it was analysed; analyse it again before it is confirmed.`,
  ),
  "disk-full": entry(507, 1, (p) => `The disk is full (${p["detail"]}). Free some room; work goes on by itself.`),
  "external-id-used": entry(
    409,
    1,
    (p) =>
      `Another message has the external id "${p["externalId"]}". To ask again for the same message, send the same request; a new message needs an id of its own.`,
  ),
  "file-in-use": entry(
    409,
    1,
    (p) => `File ${p["id"]} goes along with ${p["users"]}; as long as messages of it can be shown again, it stays.`,
  ),
  "file-unreadable": entry(400, BAD_INPUT, (p) => `${p["file"]} cannot be read: ${p["detail"]}`),
  "folder-in-use": entry(
    409,
    1,
    (p) => `The folder "${p["label"]}" is not empty: there are ${p["use"]} in it. Move them first.`,
  ),
  "final-word-early": entry(
    503,
    1,
    (p) =>
      `A report about message ${p["key"]} came before its sender wrote down that it was handed over. Hand it in again in a minute.`,
  ),
  "idempotency-in-progress": entry(
    409,
    1,
    () => "A request with this Idempotency-Key is being worked on; ask again in a moment.",
  ),
  "idempotency-mismatch": entry(
    422,
    1,
    () => "This Idempotency-Key was used before with another request; use a new key.",
  ),
  internal: entry(
    500,
    1,
    (p) => `Something failed that should not. The log of the server tells more under request ${p["requestId"]}.`,
  ),
  "import-interrupted": entry(
    503,
    1,
    (p) =>
      `The import of ${p["file"]} was interrupted (${p["detail"]}); nothing of it was kept. Import the file again.`,
  ),
  "import-not-undoable": entry(409, 1, (p) => `Import ${p["id"]} cannot be undone: ${p["why"]}.`),
  "installation-held": entry(
    409,
    3,
    (p) => `Nothing is sent from here: ${p["reason"]}. When it may: envoi release. Nothing was sent.`,
  ),
  "invalid-input": entry(422, BAD_INPUT, (p) => `${p["detail"]}`),
  "journal-unwritable": entry(500, 1, (p) => `The journal in ${p["dir"]} cannot be written: ${p["detail"]}`),
  "list-in-use": entry(
    409,
    1,
    (p) => `List ${p["id"]} cannot be removed: it is used by ${p["user"]}. Take it out there first.`,
  ),
  "mailbox-disabled": entry(
    409,
    BAD_INPUT,
    (p) => `The mailbox "${p["name"]}" is disabled: nobody looks into it. Enable it first.`,
  ),
  "malformed-request": entry(400, BAD_INPUT, (p) => `The request cannot be read: ${p["detail"]}`),
  "message-not-waiting": entry(
    409,
    1,
    (p) => `Message ${p["id"]} is ${p["currentState"]}: it cannot be cancelled any more.`,
  ),
  "method-not-allowed": entry(405, BAD_INPUT, (p) => `${p["method"]} is not possible here; ${p["allowed"]} is.`),
  "mirror-expired": entry(
    410,
    1,
    (p) => `The mirror page of message ${p["id"]} has expired: the resource validity of its delivery is over.`,
  ),
  "not-a-reviewer": entry(
    403,
    1,
    (p) => `Others are asked about the ${p["kind"]} of delivery ${p["id"]}; whoever has all rights can decide, too.`,
  ),
  "not-a-starter": entry(403, 1, (p) => `Delivery ${p["id"]} names who may start it, and you are not among them.`),
  "not-an-operator": entry(
    409,
    1,
    () => "This is about an operator's own account: sign in with login and password. A token has no password.",
  ),
  "not-found": entry(404, BAD_INPUT, (p) => `There is no ${p["what"]} ${p["id"]}.`),
  "not-permitted": entry(
    403,
    1,
    (p) => `This needs the right "${p["right"]}", which this operator or token does not have.`,
  ),
  "nothing-to-retry": entry(409, 1, (p) => `Nothing of delivery ${p["id"]} can be tried again: ${p["why"]}.`),
  "option-invalid": entry(400, BAD_INPUT, (p) => `Option ${p["option"]}: ${p["detail"]}`),
  "oidc-expired": entry(
    409,
    1,
    () => "This attempt to sign in is over, was used already, or began in another browser. Begin again.",
  ),
  "oidc-no-role": entry(
    403,
    1,
    () => "The identity provider names nothing that you may do here. Ask an administrator for a role.",
  ),
  "oidc-off": entry(404, 1, () => "Nobody signs in here by OpenID Connect."),
  "oidc-refused": entry(
    403,
    1,
    () => "The identity provider let nobody in, or its answer cannot be trusted. The audit log has the reason.",
  ),
  "oidc-unavailable": entry(
    502,
    1,
    () => "The identity provider cannot be reached. Try again, or sign in with your password.",
  ),
  "oidc-unknown": entry(
    403,
    1,
    () => "Nobody who may sign in here has your e-mail address. Ask an administrator for an invitation.",
  ),
  "oidc-unverified": entry(
    403,
    1,
    () => "The identity provider gives no verified e-mail address of a domain that may sign in here.",
  ),
  "own-account": entry(
    409,
    1,
    (p) => `Your own account cannot be ${p["action"]} by yourself. Another administrator can.`,
  ),
  "password-not-allowed": entry(
    403,
    1,
    () => "Only administrators sign in with a password here; use the button of the identity provider.",
  ),
  "pool-in-use": entry(
    409,
    1,
    (p) => `The pool "${p["name"]}" cannot be ${p["action"]}: ${p["by"]}. Give it another pool, or stop the delivery.`,
  ),
  "port-in-use": entry(
    500,
    1,
    (p) => `Port ${p["port"]} on ${p["host"]} is in use by another program. Set PORT to a free one.`,
  ),
  "proof-too-big": entry(
    422,
    BAD_INPUT,
    (p) => `The proof would have ${p["count"]} messages; a proof has ${p["most"]} at most. Nothing was sent.`,
  ),
  "recipient-busy": entry(409, 1, (p) => `Recipient ${p["id"]} cannot be erased yet: ${p["why"]}. Nothing was erased.`),
  "recipient-exists": entry(409, 1, (p) => `Another recipient has the address ${p["address"]} already.`),
  "requalification-not-undoable": entry(409, 1, (p) => `Requalification ${p["id"]} cannot be undone: ${p["why"]}.`),
  "schema-newer": entry(
    503,
    1,
    (p) =>
      `The data was written by a newer Envoi (it knows migration ${p["migration"]}, this one does not). Use that version or newer; nothing was changed.`,
  ),
  "second-factor-state": entry(409, 1, (p) => `The second factor: ${p["why"]}.`),
  "secret-key-unusable": entry(500, BAD_INPUT, (p) => `The secret key: ${p["place"]} ${p["detail"]}.`),
  "secret-key-wrong": entry(
    500,
    BAD_INPUT,
    (p) =>
      `The database holds ${p["what"]}, sealed with a secret key that is not the one here. Set ENVOI_SECRET_KEY to that key, or put the file secret-key of the installation that made it into the data directory; nothing was changed.`,
  ),
  "segment-in-use": entry(
    409,
    1,
    (p) => `The segment "${p["label"]}" is used by ${p["users"]}. Take it out there first.`,
  ),
  "segment-unusable": entry(422, BAD_INPUT, (p) => `The segment cannot be used: ${p["why"]}.`),
  "selector-in-use": entry(
    409,
    1,
    (p) =>
      `${p["domain"]} signs with a key under the selector ${p["selector"]}. Retire that key first, or choose another selector.`,
  ),
  "sender-outside-masks": entry(
    409,
    3,
    (p) =>
      `Delivery ${p["id"]} would use ${p["address"]}, and the settings allow only ${p["masks"]}; nothing was sent. Change the address and analyse again.`,
  ),
  "service-exists": entry(409, 1, (p) => `There is a service named "${p["name"]}" already.`),
  "service-in-use": entry(409, 1, (p) => `Service ${p["id"]} cannot be removed: ${p["users"]} goes by it.`),
  "shaping-event-over": entry(409, 1, (p) => `Shaping event ${p["id"]} cannot be undone: ${p["why"]}.`),
  "sign-in-failed": entry(401, 1, () => "Login and password do not belong together."),
  "sign-in-locked": entry(
    429,
    1,
    (p) => `Too many attempts failed. Try again in ${p["seconds"]} s; an administrator can unlock the account at once.`,
  ),
  "source-in-use": entry(
    409,
    1,
    (p) => `The source "${p["name"]}" cannot be removed: it is in ${p["pools"]}. Take it out there, or disable it.`,
  ),
  "template-built-in": entry(
    409,
    BAD_INPUT,
    (p) => `The template "${p["label"]}" comes with Envoi: it cannot be ${p["action"]}. Duplicate it and use the copy.`,
  ),
  "too-large": entry(413, BAD_INPUT, (p) => `${p["what"]} is larger than ${p["limit"]}.`),
  "too-many-requests": entry(429, 1, (p) => `Too many requests at once. Try again in ${p["seconds"]} s.`),
  "typology-built-in": entry(
    409,
    BAD_INPUT,
    (p) => `The typology "${p["name"]}" comes with Envoi: it cannot be ${p["action"]}. Duplicate it and use the copy.`,
  ),
  "typology-in-use": entry(
    409,
    1,
    (p) => `The typology "${p["name"]}" is used by ${p["users"]}. Take it out there first.`,
  ),
  unauthorized: entry(401, 1, () => "A valid API token is needed: Authorization: Bearer TOKEN."),
  "unsupported-media-type": entry(
    415,
    BAD_INPUT,
    (p) => `Content-Type ${p["given"]} cannot be read here; send ${p["expected"]}.`,
  ),
  "version-conflict": entry(
    412,
    1,
    (p) =>
      `Somebody else changed ${p["what"] ?? `delivery ${p["id"]}`} meanwhile; load it again and repeat your change.`,
  ),
  "validity-over": entry(
    409,
    3,
    (p) =>
      `Delivery ${p["id"]} is valid until ${p["until"]}: nothing could leave any more. Set another date, and analyse it again.`,
  ),
  "webhook-disabled": entry(409, 1, (p) => `Webhook ${p["id"]} is switched off: nothing is sent to it.`),
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof CATALOGUE;

/** Where in the input something is wrong: a JSON pointer, an option, or `file:line:column`. */
export type FieldError = { readonly pointer: string; readonly code: string; readonly message: string };

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly params: Params;
  readonly errors: readonly FieldError[];

  constructor(code: ErrorCode, params: Params, errors: readonly FieldError[] = []) {
    super(CATALOGUE[code].message(params));
    this.name = "AppError";
    this.code = code;
    this.params = params;
    this.errors = errors;
  }

  get status(): number {
    return CATALOGUE[this.code].status;
  }

  /** Exit code of a command that ends with this error. */
  get exit(): number {
    return CATALOGUE[this.code].exit;
  }
}

export function appError(code: ErrorCode, params: Params = {}, errors: readonly FieldError[] = []): AppError {
  return new AppError(code, params, errors);
}

/** The text of anything that was thrown. */
export function errorText(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return errorText(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a system or PostgreSQL error (`ENOSPC`, `23514`), or the empty string. */
export function errorCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return errorCode(error.errors[0]);
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}
