import PostalMime from "postal-mime";
import { describe, expect, it } from "vitest";

import { readMime, readWords } from "../../../test/golden/read-mime.ts";
import { compileSample, composeSample, FACTS, URLS } from "../../../test/golden/sample-message.ts";
import type { ContentSource } from "./compile-content.ts";
import { composeMessage, renderParts } from "./compose-message.ts";

describe("headers", () => {
  const header = (made: { readonly wire: string }, name: string) =>
    readMime(made.wire)
      .headers.filter(([key]) => key.toLowerCase() === name.toLowerCase())
      .map(([, text]) => text.trim());

  it("writes sender, reply-to and the operator's headers, personalised", async () => {
    const content = compileSample({
      text: "x",
      fromName: "{{ recipient.agent }}, Shop",
      fromAddress: "{{ recipient.agent_id }}@example.com",
      replyTo: "{{ recipient.agent_id }}+reply@example.com",
      replyToName: "Büro {{ recipient.agent_id }}",
      headers: [
        { name: "List-Help", value: "<https://example.com/{{ message.key }}>" },
        { name: "X-Note", value: "{{ recipient.note }}" },
        { name: "X-Empty", value: "{{ recipient.none }}" },
      ],
    });
    const made = composeSample(content, { agent: "Zoé", agent_id: "z1", note: "né\r\nBcc: x@y.example" });
    const mail = await PostalMime.parse(made.bytes);
    expect(mail.from).toEqual({ name: "Zoé, Shop", address: "z1@example.com" });
    expect(mail.replyTo).toEqual([{ name: "Büro z1", address: "z1+reply@example.com" }]);
    expect(mail.messageId).toBe(`<12-3.${FACTS.at.toString(36)}.tag12x3@example.com>`);
    expect(mail.date).toBe("2026-02-03T04:05:06.000Z");
    expect(header(made, "List-Help")).toEqual(["<https://example.com/12-3>"]);
    expect(header(made, "X-Note").map(readWords)).toEqual(["né Bcc: x@y.example"]);
    expect(made.wire).not.toMatch(/^Bcc:|X-Empty/m);
  });

  it("lets the recipient unsubscribe in one click, and marks bulk mail (RFC 2369, RFC 8058)", () => {
    const made = composeSample(
      compileSample({ text: "x", listUnsubscribe: { header: true, mailbox: "leave@bounces.example.com" } }),
    );
    expect(header(made, "List-Unsubscribe")).toEqual([
      "<https://t.example.com/u/leave>, <mailto:leave+tag12x3@bounces.example.com?subject=unsubscribe>",
    ]);
    expect(header(made, "List-Unsubscribe-Post")).toEqual(["List-Unsubscribe=One-Click"]);
    expect(header(made, "Precedence")).toEqual(["bulk"]);
    expect(header(made, "Auto-Submitted")).toEqual([]);
  });

  it("marks service mail as made by a program (RFC 3834)", () => {
    const made = composeSample(compileSample({ text: "x", listUnsubscribe: { header: false, mailbox: null } }));
    expect(made.wire).not.toMatch(/^(?:List-Unsubscribe|Precedence)/m);
    expect(header(made, "Auto-Submitted")).toEqual(["auto-generated"]);
    expect(header(made, "Feedback-ID")).toEqual(["7:service:tag12x3:example.com"]);
  });

  it.each([
    ["news@example.com", "example.com"],
    ["news@t.co", "t.co-1f3q9h6"],
    ["news@mail.long-name-of-a-shop.example", "mail.lo-0000000"],
  ])("gives Gmail a sender id of 5 to 15 characters for %s", (fromAddress, like) => {
    const [id = ""] = header(composeSample(compileSample({ text: "x", fromAddress })), "Feedback-ID");
    const sender = id.split(":")[3] ?? "";
    expect(id).toMatch(/^7:bulk:tag12x3:[a-z0-9.-]{5,15}$/);
    expect(sender.split("-")[0]).toBe(like.split("-")[0]);
  });

  it.each([
    ["List-Unsubscribe", "<mailto:a@b.example>", ["<mailto:a@b.example>"], []],
    ["list-unsubscribe-post", "x", ["<https://t.example.com/u/leave>"], ["x"]],
  ])("gives way to the operator's own %s", (name, own, unsubscribe, post) => {
    const made = composeSample(compileSample({ text: "x", headers: [{ name, value: own }] }));
    expect(header(made, "List-Unsubscribe")).toEqual(unsubscribe);
    expect(header(made, "List-Unsubscribe-Post")).toEqual(post);
  });

  it.each(["Feedback-ID", "Precedence"])("gives way to the operator's own %s", (name) => {
    const made = composeSample(compileSample({ text: "x", headers: [{ name, value: "mine" }] }));
    expect(header(made, name)).toEqual(["mine"]);
  });

  it.each([
    ["ann@bücher.example", "ann@xn--bcher-kva.example", false],
    ["jörg@example.net", "j\u00c3\u00b6rg@example.net", true],
  ])("writes the address %s as %j", (recipient, written, needsSmtpUtf8) => {
    const made = composeSample(compileSample({ text: "x" }), {}, { recipient });
    expect(made.headers.find((h) => h.name === "To")?.text).toBe(`To: ${written}\r\n`);
    expect(made.needsSmtpUtf8).toBe(needsSmtpUtf8);
  });
});

describe("return path", () => {
  const mailFrom = (change: Partial<ContentSource>, vars = {}) =>
    composeSample(compileSample({ text: "x", ...change }), vars);

  it.each([
    [{}, "news@example.com"],
    [{ verp: true }, "news+tag12x3@example.com"],
    [{ errorAddress: "bounce@b.example" }, "bounce@b.example"],
    [{ errorAddress: "bounce@b.example", verp: true }, "bounce+tag12x3@b.example"],
    [{ errorAddress: "b+x@b.example", verp: true }, "b+x+tag12x3@b.example"],
    [{ errorAddress: '"a b"@b.example', verp: true }, '"a b+tag12x3"@b.example'],
    [{ errorAddress: "{{ recipient.a }}@b.example", verp: true }, "ann+tag12x3@b.example"],
    [{ errorAddress: "{{ recipient.none }}" }, "news@example.com"],
    [{ errorAddress: "b@bücher.example" }, "b@xn--bcher-kva.example"],
  ])("%j: %s", (change, expected) => {
    expect(mailFrom(change, { a: "ann" }).mailFrom).toBe(expected);
  });

  it("needs SMTPUTF8 when it is not ASCII", () => {
    expect(mailFrom({ errorAddress: "bücher@b.example" }).needsSmtpUtf8).toBe(true);
  });
});

describe("addresses and names in templates", () => {
  it("come from the message's facts, only when they are asked for", () => {
    let minted = 0;
    const urls = {
      ...URLS,
      mirror: () => {
        minted++;
        return URLS.mirror();
      },
    };
    const html =
      '<a href="{% link 2 %}">{{ delivery.sender_name }}</a> {{ delivery.season }} {{ platform.name }}' +
      '<a href="{% tracked 3 %}https://x.example/?a={{ recipient.a | url_encode }}{% endtracked %}"></a>{{ message.unsubscribe_url }}';
    const content = compileSample({
      html,
      fromName: "{{ recipient.a }} & Co",
      variables: { season: "spring", id: "x" },
      platform: { name: "Envoi", logoUrl: "" },
    });
    const rendered = renderParts(content, { a: "A b" }, { ...FACTS, urls });
    expect(rendered).toMatchObject({
      from: { name: "A b & Co", address: "news@example.com" },
      html:
        '<a href="https://t.example.com/r/2">A b &amp; Co</a> spring Envoi' +
        `<a href="https://t.example.com/r/3-${encodeURIComponent("https://x.example/?a=A+b")}"></a>https://t.example.com/u/leave`,
    });
    expect(minted).toBe(0);
    const shown = renderParts(compileSample({ html: "{{ message.mirror_url }}" }), {}, { ...FACTS, urls });
    expect(shown).toMatchObject({ html: "https://t.example.com/m/mirror" });
    expect(minted).toBe(1);
  });

  it("says which attributes had no value", () => {
    const missing = new Set<string>();
    renderParts(compileSample({ text: "{{ recipient.a }} {{ recipient.b }}" }), { a: "x" }, FACTS, missing);
    expect([...missing]).toEqual(["recipient.b"]);
  });
});

describe("refusals", () => {
  it.each([
    [
      { fromAddress: "{{ recipient.a }}" },
      "a@b.example\r\nBcc: c@d.example",
      { part: "from", code: "address-invalid" },
    ],
    [{ fromAddress: "{{ recipient.a }}" }, "", { part: "from", code: "address-invalid" }],
    [{ replyTo: "{{ recipient.a }}" }, "a, b@c.example", { part: "replyTo", code: "address-invalid" }],
    [{ errorAddress: "{{ recipient.a }}" }, "a b@c.example", { part: "errorAddress", code: "address-invalid" }],
    [
      { errorAddress: "{{ recipient.a }}@c.example", verp: true },
      "x".repeat(57),
      { part: "errorAddress", code: "address-invalid", message: expect.stringContaining("64 octets") },
    ],
    [{ subject: "{{ recipient.a }}" }, "x".repeat(1_000_000), { part: "subject", code: "header-too-long" }],
    [
      { headers: [{ name: "List-Help", value: "{{ recipient.a }}" }] },
      "x".repeat(2000),
      { part: "header:List-Help", code: "header-too-long" },
    ],
    [
      { text: "{{ recipient.a }}{{ recipient.a }}{{ recipient.a }}" },
      "x".repeat(1_000_000),
      { part: "text", code: "template" },
    ],
    [{ text: `Привет ${"{{ recipient.a }}".repeat(3)}` }, "x".repeat(1_000_000), { part: "text", code: "template" }],
    [{ text: "{{ recipient.a | base64_decode }}" }, "?", { part: "text", code: "template" }],
    [
      {
        attachments: [
          { fileId: 2, name: "{{ recipient.a | base64_decode }}", contentType: "a/b", contentId: null, size: 1 },
        ],
      },
      "?",
      { part: "attachment:0", code: "template" },
    ],
  ] satisfies [Partial<ContentSource>, string, object][])("refuses %j with %.20j", (change, a, expected) => {
    const made = composeMessage(compileSample({ text: "x", ...change }), { a }, FACTS);
    expect(made).toMatchObject({ kind: "error", ...expected });
  });

  it("refuses a recipient that is no address", () => {
    const recipient = "a@b.example>\r\nBcc: <c@d.example";
    const made = composeMessage(compileSample({ text: "x" }), {}, { ...FACTS, recipient });
    expect(made).toMatchObject({ kind: "error", part: "to", code: "address-invalid" });
  });
});
