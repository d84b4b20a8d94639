/** An archive that is a mailbox: its address, its server, and what may be said to that server. */
import { isLoopback } from "../../core/address/is-loopback.ts";
import type { ArchiveTargetInput, PlatformSettings } from "../../contract/index.ts";
import { parseAddress, type ValidAddress } from "../../core/address/parse-address.ts";
import type { CheckedTarget, Fail, SecretChange } from "./checked-archive.ts";
import { parseServer } from "./parse-server.ts";
import type { ArchiveRow } from "./store.ts";

type SmtpInput = Extract<ArchiveTargetInput, { kind: "smtp" }>;
export function checkSmtpTarget(
  { password, ...given }: SmtpInput,
  known: ArchiveRow | null,
  settings: PlatformSettings,
  fail: Fail,
): CheckedTarget {
  const address = checkAddress(given.address, settings, fail);
  const server = checkServer(given, fail);
  const user = given.user?.trim() || undefined;
  const returnPath = given.returnPath?.trim() || undefined;
  const target = { ...given, address: address?.address ?? given.address, server, user, returnPath };
  if (returnPath !== undefined) checkReturnPath(returnPath, address, fail);
  if (user === undefined) {
    if (password !== undefined) fail("/target/user", "missing", "A password needs the name of its user");
    return { target, secret: { kind: "none" } };
  }
  if (server === undefined) {
    fail("/target/server", "missing", "User and password are for one server: name it as host:port");
  } else if (given.tls === "none" && !isLoopback(parseServer(server)?.host ?? "")) {
    fail("/target/tls", "unencrypted", "A password goes over the network encrypted or not at all: require TLS");
  }
  return { target, secret: password === undefined ? keep(target, known, fail) : { kind: "new", secret: password } };
}

/** A password that is known was meant for one user of one server: whoever names another one must know it. */
function keep(target: Omit<SmtpInput, "password">, known: ArchiveRow | null, fail: Fail): SecretChange {
  const before = known?.target.kind === "smtp" && known.sealed_secret !== null ? known.target : null;
  if (before === null) {
    fail("/target/password", "missing", "A user needs a password");
  } else if (before.server !== target.server || before.user !== target.user || weakens(before.tls, target.tls)) {
    fail("/target/password", "missing", "For another server, user or weaker TLS the password must be given again");
  }
  return { kind: "keep" };
}

function weakens(from: SmtpInput["tls"], to: SmtpInput["tls"]): boolean {
  return from !== to && to === "none";
}

function checkAddress(text: string, settings: PlatformSettings, fail: Fail): ValidAddress | null {
  const result = parseAddress(text);
  if (result.kind !== "valid") {
    const message = result.kind === "empty" ? "An address is needed" : `The address ${result.reason}`;
    fail("/target/address", "invalid-address", message);
    return null;
  }
  const loop = loopOf(result, settings);
  if (loop !== null) fail("/target/address", "loop", `${loop.what}: copies would come back to Envoi`);
  return result;
}

type Loop = { readonly field: "bounceDomain" | (typeof OWN_ADDRESSES)[number]; readonly what: string };

const OWN_ADDRESSES = ["errorAddress", "unqualifiedAddress", "unsubscribeAddress"] as const;
const NAMES = {
  errorAddress: "error address",
  unqualifiedAddress: "address of unqualified mail",
  unsubscribeAddress: "address for unsubscribing",
} as const;

/** Mail to the address would come to Envoi itself. Null: it does not. */
export function loopOf(address: ValidAddress, settings: PlatformSettings): Loop | null {
  if (address.domain === settings.bounceDomain) {
    return { field: "bounceDomain", what: `${address.domain} is the bounce domain of the platform` };
  }
  const field = OWN_ADDRESSES.find((name) => {
    const own = parseAddress(settings[name]);
    return own.kind === "valid" && mailbox(own) === mailbox(address);
  });
  return field === undefined ? null : { field, what: `This is the platform's ${NAMES[field]}` };
}

/** Without a subaddress (RFC 5233): `bounces+archive@…` ends up in the mailbox of `bounces@…`. */
function mailbox({ matchKey }: ValidAddress): string {
  return matchKey.replace(/(.)\+[^@"]*(?=@[^@]*$)/, "$1");
}

function checkServer({ server, tls }: SmtpInput, fail: Fail): string | undefined {
  const text = server?.trim() || undefined;
  if (text === undefined) {
    if (tls === "implicit") {
      fail("/target/server", "missing", "TLS from the first byte is for one server: name it as host:port");
    }
    return undefined;
  }
  if (parseServer(text) === null) fail("/target/server", "invalid-server", `"${text}" is not host:port`);
  return text;
}

function checkReturnPath(text: string, archive: ValidAddress | null, fail: Fail): void {
  const result = parseAddress(text);
  if (result.kind === "invalid") {
    fail("/target/returnPath", "invalid-address", `The address ${result.reason}`);
  } else if (result.kind === "valid" && result.matchKey === archive?.matchKey) {
    fail("/target/returnPath", "loop", "Reports about copies that the mailbox refuses would go to the same mailbox");
  }
}
