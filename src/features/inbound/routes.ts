/** POST /inbound: a received mail, handed in by a mail server's pipe. */
import { z } from "zod";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";

import { messageStatusSchema, problems } from "../../contract/responses.ts";
import { appError } from "../../platform/errors.ts";
import type { InboundDeps } from "./acted.ts";
import { takeMailNow } from "./process-mail.ts";

/** Bytes; a bounce may give back a message with all that was attached. */
export const MAIL_LIMIT = 25 * 1024 * 1024;

const TYPES = ["message/rfc822", "text/plain", "application/octet-stream"];

/** The bytes stay hidden from the checks that walk through JSON bodies. */
class RawMail {
  readonly #bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }
  bytes(): Uint8Array {
    return this.#bytes;
  }
}

const handledSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("unsubscribe").describe("The address is on the denylist"),
    address: z.string(),
    messageKey: z.string(),
  }),
  z.object({
    kind: z
      .literal("copy-bounced")
      .describe("An archive sent a copy back; the copy is given up, its message is not touched"),
    messageKey: z.string(),
    archiveId: z.string(),
  }),
  z.object({
    kind: z
      .literal("final-word")
      .describe("A relay reported what became of a message that it took (ENVOI_RELAY_PROFILE=confirmed)"),
    messageKey: z.string(),
    status: messageStatusSchema.describe("Of the message from now on"),
    changed: z.boolean().describe("False: it was known already, or came after the last word"),
  }),
  z.object({
    kind: z.literal("bounce").describe("It says what became of a message that had been handed over"),
    messageKey: z.string(),
    status: messageStatusSchema.describe("Of the message from now on"),
    changed: z.boolean().describe("False: it was known already"),
  }),
  z.object({
    kind: z.literal("complaint").describe("The recipient called the message spam: the address is on the denylist"),
    messageKey: z.string(),
    address: z.string(),
    changed: z.boolean().describe("False: it was known already"),
  }),
  z.object({
    kind: z.literal("other").describe("Nothing was changed"),
    why: z.enum(["bounce", "automatic", "no-tag", "no-wish", "message-unknown", "archive", "late"]),
  }),
]);

export function registerInboundApi(api: FastifyInstance, deps: InboundDeps): void {
  void api.register(async (plain) => {
    plain.removeAllContentTypeParsers();
    plain.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: MAIL_LIMIT }, (request, body, done) => {
      const given = request.headers["content-type"] ?? "(none)";
      const [type = ""] = given.split(";");
      if (TYPES.includes(type.trim().toLowerCase())) done(null, new RawMail(body as Buffer));
      else done(appError("unsupported-media-type", { given, expected: "message/rfc822" }));
    });
    const app = plain.withTypeProvider<ZodTypeProvider>();
    app.route({
      method: "POST",
      url: "/inbound",
      bodyLimit: MAIL_LIMIT,
      schema: {
        tags: ["inbound"],
        summary:
          "Hand in a received mail: a wish to unsubscribe, a relay's delivery report, a copy that an archive sends back",
        description:
          "For the pipe of a mail server. 503: the report came before the sender wrote down that the relay has the message; hand it in again in a minute. Without `recipient` the header fields To, Delivered-To and X-Original-To are read.",
        consumes: TYPES,
        querystring: z.object({
          recipient: z.string().max(500).optional().describe("Envelope recipient (RCPT TO)"),
          sender: z.string().max(500).optional().describe("Envelope sender (MAIL FROM); empty for a bounce"),
        }),
        response: { 200: handledSchema, ...problems(400, 413, 415, 422, 503) },
      },
      handler: async ({ body, query }) => {
        if (!(body instanceof RawMail)) throw appError("malformed-request", { detail: "the mail is missing" });
        const envelope = { recipient: query.recipient ?? null, returnPath: query.sender ?? null };
        return takeMailNow(deps, { ...envelope, raw: body.bytes(), source: "api", remote: null, mailbox: null });
      },
    });
  });
}
