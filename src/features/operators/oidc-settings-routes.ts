/**
 * The settings of sign-in by OpenID Connect. Whoever chooses the provider chooses who everybody is: besides the right of the route,
 * changing them takes all rights.
 */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import {
  providerFoundSchema,
  signInMethodsAnswer,
  signInSettingsAnswer,
  signInSettingsBody,
  tryProviderSchema,
} from "../../contract/sign-in-settings.ts";
import { problems } from "../../contract/responses.ts";
import type { Queryable } from "../../platform/db.ts";
import { appError, type FieldError } from "../../platform/errors.ts";
import { assertSeen, readIfMatch } from "../../platform/if-match.ts";
import { OidcError } from "../../platform/oidc.ts";
import { issuerProblem } from "./oidc-addresses.ts";
import type { OperatorDeps } from "./deps.ts";
import { findUnknown } from "./groups-store.ts";
import {
  loadOidcSettings,
  lockOidcSettings,
  type OidcSettings,
  saveOidcSettings,
  sealClientSecret,
} from "./oidc-settings-store.ts";
import { requireAll } from "./rights.ts";

const TAGS = ["operators"];

/** Where the provider sends browsers back to. */
export const redirectUriOf = ({ publicUrl }: Pick<OperatorDeps, "publicUrl">) =>
  `${publicUrl.replace(/\/$/, "")}/api/v1/session/oidc/callback`;

/** Where the provider sends browsers to that have signed out there: the sign-in page. */
export const signedOutUriOf = ({ publicUrl }: Pick<OperatorDeps, "publicUrl">) => `${publicUrl.replace(/\/$/, "")}/`;

export function registerOidcSettings(app: FastifyInstance, deps: OperatorDeps): void {
  registerMethods(app, deps);
  registerStored(app, deps);
  registerTry(app, deps);
}

function registerMethods(plain: FastifyInstance, { db }: OperatorDeps): void {
  plain.withTypeProvider<ZodTypeProvider>().route({
    method: "GET",
    url: "/session/methods",
    schema: {
      tags: TAGS,
      summary: "How one may sign in here",
      security: [],
      response: { 200: signInMethodsAnswer, ...problems() },
    },
    handler: async () => {
      const { enabled, label, passwords } = await loadOidcSettings(db);
      return enabled ? { passwords, oidc: { label } } : { passwords: "everybody" as const, oidc: null };
    },
  });
}

function registerStored(plain: FastifyInstance, deps: OperatorDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const { db, now } = deps;

  app.route({
    method: "GET",
    url: "/settings/sign-in",
    schema: {
      tags: TAGS,
      summary: "Settings of sign-in by OpenID Connect",
      response: { 200: signInSettingsAnswer, ...problems() },
    },
    handler: async (_request, reply) => {
      const settings = await loadOidcSettings(db);
      return reply.header("etag", `"${settings.version}"`).send(present(settings, deps));
    },
  });

  app.route({
    method: "PUT",
    url: "/settings/sign-in",
    schema: {
      tags: TAGS,
      summary: "Replace the settings of sign-in by OpenID Connect",
      description: "Needs all rights. A field left out gets its default. If-Match: the version that was read.",
      headers: z.looseObject({ "if-match": z.string().optional() }),
      body: signInSettingsBody,
      response: { 200: signInSettingsAnswer, ...problems(403, 412, 422) },
    },
    handler: async (request, reply) => {
      requireAll(request.operator, null);
      const { version: read = null } = request.body;
      const seen = readIfMatch(request.headers["if-match"]) ?? read;
      await refuseUnfit(db, request.body);
      const saved = await db.transaction(async (tx) => {
        await lockOidcSettings(tx);
        const before = await loadOidcSettings(tx);
        assertSeen(before.version, seen, "the settings");
        const settings = {
          ...request.body,
          sealedSecret: secretOf(request.body, before, deps),
          version: before.version,
        };
        return { ...settings, version: await saveOidcSettings(tx, settings, now()) };
      });
      return reply.header("etag", `"${saved.version}"`).send(present(saved, deps));
    },
  });
}

function registerTry(plain: FastifyInstance, { db, oidc }: OperatorDeps): void {
  plain.withTypeProvider<ZodTypeProvider>().route({
    method: "POST",
    url: "/settings/sign-in/actions/try",
    schema: {
      tags: TAGS,
      summary: "Ask a provider what it publishes of itself; nothing is changed",
      description: "Needs all rights.",
      body: tryProviderSchema,
      response: { 200: providerFoundSchema, ...problems(403, 422) },
    },
    handler: async ({ operator, body: { issuer } }) => {
      requireAll(operator, null);
      const problem = issuerProblem(issuer);
      if (problem !== null) throw unfit([{ pointer: "/issuer", code: "no-issuer", message: `It ${problem}` }]);
      const { clientId } = await loadOidcSettings(db);
      try {
        const found = await oidc.discover({ issuer, clientId: clientId || "envoi", clientSecret: null });
        const { authorizationEndpoint, endSessionEndpoint } = found;
        return { ok: true, detail: "", authorizationEndpoint, endSessionEndpoint };
      } catch (error) {
        if (!(error instanceof OidcError)) throw error;
        return { ok: false, detail: error.message, authorizationEndpoint: null, endSessionEndpoint: null };
      }
    },
  });
}

type Body = z.output<typeof signInSettingsBody>;

async function refuseUnfit(
  db: Queryable,
  { enabled, issuer, clientId, passwords, claim, mapping }: Body,
): Promise<void> {
  const errors: FieldError[] = [];
  const problem = issuer === "" ? (enabled ? "is missing" : null) : issuerProblem(issuer);
  if (problem !== null) errors.push({ pointer: "/issuer", code: "no-issuer", message: `It ${problem}` });
  if (enabled && clientId === "") errors.push({ pointer: "/clientId", code: "missing", message: "It is missing" });
  if (!enabled && passwords === "administrators") {
    const message = "Without OpenID Connect nobody else could sign in";
    errors.push({ pointer: "/passwords", code: "locks-out", message });
  }
  if (mapping.length > 0 && claim === "") {
    errors.push({ pointer: "/claim", code: "missing", message: "Lines of roles need a claim to be about" });
  }
  const { groups } = await findUnknown(db, { operators: [], groups: mapping.flatMap((line) => line.groups) });
  for (const [index, line] of mapping.entries()) {
    if (!line.groups.some((id) => groups.includes(id))) continue;
    errors.push({ pointer: `/mapping/${index}/groups`, code: "unknown", message: "There is no such group" });
  }
  if (errors.length > 0) throw unfit(errors);
}

function unfit(errors: FieldError[]) {
  const detail = errors.map(({ pointer, message }) => `${pointer}: ${message}`).join("; ");
  return appError("invalid-input", { detail }, errors);
}

/** The one before stays only where it goes where it went before. */
function secretOf(body: Body, before: OidcSettings, { masterKey }: OperatorDeps): Buffer | null {
  const { clientSecret, issuer, clientId } = body;
  if (clientSecret === undefined) {
    return issuer === before.issuer && clientId === before.clientId ? before.sealedSecret : null;
  }
  return clientSecret === null || clientSecret === "" ? null : sealClientSecret(masterKey, body, clientSecret);
}

function present({ sealedSecret, ...settings }: OidcSettings, deps: Pick<OperatorDeps, "publicUrl">) {
  return {
    enabled: settings.enabled,
    issuer: settings.issuer,
    clientId: settings.clientId,
    hasSecret: sealedSecret !== null,
    label: settings.label,
    domains: [...settings.domains],
    claim: settings.claim,
    mapping: settings.mapping.map(({ value, roles, groups }) => ({ value, roles: [...roles], groups: [...groups] })),
    createOperators: settings.createOperators,
    defaultRoles: [...settings.defaultRoles],
    passwords: settings.passwords,
    signOutThere: settings.signOutThere,
    redirectUri: redirectUriOf(deps),
    signedOutUri: signedOutUriOf(deps),
    version: settings.version,
  };
}
