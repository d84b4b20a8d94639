/** A provider of OpenID Connect on the loopback: discovery, keys, authorization, tokens and user info, as it should be or as told otherwise. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

type Claims = Record<string, unknown>;
type Grant = { redirectUri: string; challenge: string; nonce: string };

/** What the provider does next: changed by tests. */
export type Behaviour = {
  /** Of the person who signs in there; `sub` with it. */
  person: Claims;
  /** Put over those of the ID token. */
  claims: Claims;
  /** Not in the ID token, in the user info only. */
  thin: boolean;
  header: Record<string, unknown>;
  /** Signs with a key that it does not publish. */
  foreignKey: boolean;
  down: boolean;
  /** Null: it publishes none. */
  endSession: string | null;
  /** `access_denied` and so on, instead of a code. */
  error: string | null;
};

const PERSON = { sub: "248289761001", email: "ann@example.com", email_verified: true, name: "Ann Lee" };
const newKeys = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

function signed(key: KeyObject, header: object, claims: Claims): string {
  const input = `${base64(header)}.${base64(claims)}`;
  return `${input}.${sign("sha256", Buffer.from(input), key).toString("base64url")}`;
}

export const CLIENT = { clientId: "envoi", clientSecret: "a secret: with signs & more" };

/** `origin`: where browsers are sent back to instead, for a platform that listens elsewhere than its public address says. */
export async function startOidcProvider(origin: string | null = null) {
  const [keys, foreign] = [newKeys(), newKeys()];
  const grants = new Map<string, Grant>();
  const behaviour: Behaviour = {
    person: {},
    claims: {},
    thin: false,
    header: {},
    foreignKey: false,
    down: false,
    endSession: null,
    error: null,
  };
  const reset = () =>
    Object.assign(behaviour, {
      person: PERSON,
      claims: {},
      thin: false,
      header: {},
      foreignKey: false,
      down: false,
      endSession: null,
      error: null,
    });
  reset();
  const asked: string[] = [];
  let issuer = "";

  const authorize = (url: URL): string => {
    const given = (name: string) => url.searchParams.get(name) ?? "";
    const back = new URL(given("redirect_uri"));
    back.searchParams.set("state", given("state"));
    back.searchParams.set("iss", issuer);
    if (behaviour.error !== null) back.searchParams.set("error", behaviour.error);
    else {
      const code = randomBytes(16).toString("hex");
      grants.set(code, {
        redirectUri: given("redirect_uri"),
        challenge: given("code_challenge"),
        nonce: given("nonce"),
      });
      back.searchParams.set("code", code);
    }
    return back.href;
  };

  const exchange = async (request: IncomingMessage) => {
    const form = new URLSearchParams(await text(request));
    const basic = [CLIENT.clientId, CLIENT.clientSecret].map(encodeForm).join(":");
    if (request.headers.authorization !== `Basic ${Buffer.from(basic).toString("base64")}`) {
      return { status: 401, body: { error: "invalid_client" } };
    }
    const grant = grants.get(form.get("code") ?? "");
    grants.delete(form.get("code") ?? "");
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    if (grant?.challenge !== challenge || grant.redirectUri !== form.get("redirect_uri")) {
      return { status: 400, body: { error: "invalid_grant" } };
    }
    const now = Math.floor(Date.now() / 1000);
    const { sub, ...about } = behaviour.person;
    const claims = { iss: issuer, aud: CLIENT.clientId, iat: now, exp: now + 300, nonce: grant.nonce, sub };
    const all = { ...claims, ...(behaviour.thin ? {} : about), ...behaviour.claims };
    const header = { alg: "RS256", kid: "1", ...behaviour.header };
    const idToken = signed(behaviour.foreignKey ? foreign.privateKey : keys.privateKey, header, all);
    return { status: 200, body: { access_token: "access", token_type: "Bearer", expires_in: 300, id_token: idToken } };
  };

  const answer = async (request: IncomingMessage): Promise<{ status: number; body: unknown }> => {
    const { pathname } = new URL(request.url ?? "/", issuer);
    asked.push(pathname);
    if (behaviour.down) return { status: 503, body: { error: "temporarily_unavailable" } };
    if (pathname === "/.well-known/openid-configuration") {
      const endpoints = { authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` };
      const end = behaviour.endSession === null ? {} : { end_session_endpoint: behaviour.endSession };
      const more = { ...end, jwks_uri: `${issuer}/keys`, userinfo_endpoint: `${issuer}/userinfo` };
      return {
        status: 200,
        body: { issuer, ...endpoints, ...more, authorization_response_iss_parameter_supported: true },
      };
    }
    if (pathname === "/keys") {
      return {
        status: 200,
        body: { keys: [{ ...keys.publicKey.export({ format: "jwk" }), kid: "1", use: "sig", alg: "RS256" }] },
      };
    }
    if (pathname === "/token") return exchange(request);
    if (pathname === "/userinfo") return { status: 200, body: behaviour.person };
    return { status: 404, body: {} };
  };
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? "/", issuer);
    if (url.pathname === "/authorize") {
      // Nothing is asked there.
      const back = new URL(authorize(url));
      response.writeHead(302, { location: `${origin ?? back.origin}${back.pathname}${back.search}` }).end();
      return;
    }
    const signedOut = url.searchParams.get("post_logout_redirect_uri");
    if (url.pathname === "/end" && signedOut !== null) {
      asked.push("/end");
      response.writeHead(302, { location: `${origin ?? new URL(signedOut).origin}/` }).end();
      return;
    }
    void answer(request).then(({ status, body }) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    behaviour,
    asked,
    reset,
    /** What the browser of somebody who signs in there does: the address it is sent back to. */
    signIn: (address: string) => authorize(new URL(address)),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** RFC 6749 §2.3.1: as in a form. */
const encodeForm = (value: string) => new URLSearchParams({ v: value }).toString().slice(2);
export type OidcProvider = Awaited<ReturnType<typeof startOidcProvider>>;
