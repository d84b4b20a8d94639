/**
 * A delivery with everything in it, made through the API: campaign syntax, blocks, conditional comments, an embedded image, an
 * attachment, extra headers, hostile values. For tests of what becomes of it.
 */
import { expect } from "vitest";

import type { Checklist, Delivery, DkimKey, StoredFile } from "../../src/contract/index.ts";
import { TOKEN } from "./api.ts";
import { csvOf } from "./envoi.ts";
import { until } from "./until.ts";

/** Asks the API; the answer's body. Throws unless 2xx. */
export type Call = <T>(method: string, path: string, body?: unknown) => Promise<T>;

export const PDF = Buffer.from("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n.\r\n..\n\0 an offer\n", "latin1");
export const LOGO = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

export const PEOPLE = [
  { email: "anna@one.example", first_name: "Anna", city: "Zürich", code: "a&b=c/é", email_format: "" },
  { email: "bo@two.example", first_name: "Bo <script>", city: "", code: "2", email_format: "" },
  { email: "carla@three.example", first_name: "", city: "日本", code: "3", email_format: "text" },
  { email: "dora@one.example", first_name: "Dora\r\nBcc: x@x.example", city: "Ulm", code: "4", email_format: "html" },
];

const HTML = `<!doctype html>
<html><head><style>p { color: #333 } @media (max-width: 600px) { p { font-size: 18px } }</style></head>
<body>
<!--[if mso]><table><tr><td><![endif]-->
<p><%@ include view='greeting' %></p>
<% if (recipient.city == 'Ulm') { %><p>Welcome to Ulm</p><% } else { %><p>Greetings to <%= recipient.city %></p><% } %>
<p><img src="data:image/png;base64,${LOGO}" alt="dot"></p>
<p><a href="https://shop.example/offer?a=1&amp;b=2#top">The offer</a>
<a href="https://shop.example/?c=<%= encodeURIComponent(recipient.code) %>">Yours</a>
<a href="mailto:help@sender.example">Write to us</a> <a href="#end">End</a></p>
<%@ include view='footer' %>
<!--[if mso]></td></tr></table><![endif]-->
</body></html>
`;

export async function callApi<T>(url: string, method: string, path: string, body?: unknown): Promise<T> {
  const form = body instanceof FormData;
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, ...(body && !form ? { "content-type": "application/json" } : {}) },
    ...(body ? { body: form ? body : JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (text === "" ? null : JSON.parse(text)) as T;
}

function upload<T>(call: Call, path: string, name: string, content: string | Buffer): Promise<T> {
  const form = new FormData();
  form.append("file", new Blob([content]), name);
  return call<T>("POST", path, form);
}

/** The id of the import, once it is complete. */
export async function importPeople(call: Call): Promise<string> {
  const { id } = await upload<{ id: string }>(call, "/imports", "people.csv", csvOf(PEOPLE));
  await until(async () => (await call<{ status: string }>("GET", `/imports/${id}`)).status === "completed");
  return id;
}

/** Blocks, settings, keys and a file: what the content of the delivery draws on. */
export async function furnish(call: Call): Promise<{ keys: DkimKey[]; file: StoredFile }> {
  await call("PUT", "/settings", {
    organisation: "Maison Dupré",
    language: "fr",
    unsubscribeAddress: "out@sender.example",
  });
  await call("PUT", "/blocks/footer", {
    html: "<p>{% render 'mirror-page' %} · {% render 'unsubscribe' %} · {% render 'signature' %}</p>",
    text: "{% render 'unsubscribe' %}",
  });
  const keys: DkimKey[] = [];
  for (const algorithm of ["rsa-sha256", "ed25519-sha256"]) {
    keys.push(await call<DkimKey>("POST", "/domains/sender.example/keys", { algorithm }));
  }
  return { keys, file: await upload<StoredFile>(call, "/files", "Größe.pdf", PDF) };
}

/** The delivery, analysed, confirmed and sent. */
export async function sendEverything(call: Call, audience: string, file: StoredFile, validity = "5d"): Promise<string> {
  const { id } = await call<Delivery>("POST", "/deliveries", {
    label: "Autumn",
    content: { subject: "<%= recipient.first_name %> 🎉 הצעה <%= delivery.season %>", html: HTML, syntax: "campaign" },
    sender: { name: "Anna Dupré", address: "news@sender.example" },
    audience: { import: audience },
    settings: {
      validity,
      attachments: [{ file: file.id, name: "offer-<%= recipient.code %>.pdf" }],
      headers: [{ name: "X-City", value: "<%= recipient.city %>" }],
      variables: { season: "d’été" },
    },
  });
  await analyse(call, id);
  await call("POST", `/deliveries/${id}/actions/confirm`);
  await until(async () => (await call<Delivery>("GET", `/deliveries/${id}`)).state === "finished");
  return id;
}

export async function analyse(call: Call, id: string): Promise<Checklist> {
  await call("POST", `/deliveries/${id}/actions/analyse`);
  await until(async () => (await call<Delivery>("GET", `/deliveries/${id}`)).state !== "analysing");
  const checklist = await call<Checklist>("GET", `/deliveries/${id}/checklist`);
  expect(checklist.items.filter((item) => item.level === "error")).toEqual([]);
  return checklist;
}
