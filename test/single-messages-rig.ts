/** Single messages on the whole web role and a database of its own: accepted, refused, read down to their bytes. */
import { expect } from "vitest";

import { messageDetailSchema, pageOf, problemSchema } from "../src/contract/responses.ts";
import { singleMessageSchema } from "../src/contract/responses-single-messages.ts";
import { createTestWebApp } from "./web-app.ts";

/** Content and sender of a message without a template. */
export const INLINE = {
  content: {
    subject: "Your code {{ recipient.code }}",
    html: `<p>{{ recipient.code }} {% for line in recipient.lines %}{{ line.name }};{% endfor %}</p><a href="https://shop.example/a">Shop</a>
      <a href="{{ message.mirror_url }}">web</a>`,
    text: "Code {{ recipient.code }}",
  },
  sender: { name: "Shop", address: "no-reply@sender.example" },
};
export const DATA = { code: "4711", lines: [{ name: "pen" }, { name: "ink" }] };

let count = 0;
/** An address that nobody had before. */
export const someone = () => `person${++count}@example.org`;
export const message = (changes: object = {}) => ({ to: someone(), ...INLINE, data: DATA, ...changes });

/** A part that does not count its messages as they are. */
const MISCOUNTED = `select p.id, c.* from delivery_parts p join deliveries d on d.id = p.delivery_id
    cross join lateral (
      select count(*) as all, count(*) filter (where status = 'pending') as pending,
             count(*) filter (where status = 'cancelled') as cancelled
        from messages m where m.part_id = p.id) c
   where d.kind = 'single' and (p.to_deliver, p.pending, p.cancelled) is distinct from (c.all, c.pending, c.cancelled)
     and p.sent = 0`;

export type SingleMessagesRig = Awaited<ReturnType<typeof openSingleMessagesRig>>;

export async function openSingleMessagesRig() {
  const web = await createTestWebApp();
  const send = (body: unknown, headers = {}) => web.call("POST", "/api/v1/messages", body, headers);
  return {
    web,
    send,
    accepted: async (body: object) => {
      const answer = await send(body);
      expect([answer.status, answer.text]).toEqual([202, expect.any(String)]);
      return singleMessageSchema.parse(answer.body);
    },
    refused: async (body: unknown, status = 422) => {
      const answer = await send(body);
      expect([answer.status, answer.text]).toEqual([status, expect.any(String)]);
      return problemSchema.parse(answer.body);
    },
    detail: (id: string) => web.get(`/api/v1/messages/${id}`, messageDetailSchema),
    list: (query: string) => web.get(`/api/v1/messages?${query}`, pageOf(singleMessageSchema)),
    source: async (id: string) =>
      (await web.call("GET", `/api/v1/messages/${id}/source`)).text
        .replace(/=\r\n/g, "")
        .replaceAll("=3D", "=")
        .replaceAll("=2E", "."),
    /** The id of a new one. */
    template: async (settings: object = {}): Promise<string> => {
      const { status, body } = await web.call("POST", "/api/v1/templates", { label: "Receipt", ...INLINE, settings });
      expect(status).toBe(201);
      return (body as { id: string }).id;
    },
    publish: (id: string, body?: object) => web.call("POST", `/api/v1/templates/${id}/actions/publish`, body),
    /** Every message is in a part that counts it, and every part is of a carrier. */
    checkIdentity: async () => expect(await web.db.query(MISCOUNTED)).toEqual([]),
    close: () => web.close(),
  };
}
