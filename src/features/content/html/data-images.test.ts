import { describe, expect, it } from "vitest";

import { cidReferences } from "./cid-references.ts";
import { embedDataImages } from "./data-images.ts";

const GIF = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
const ID = "image-ef1955ae757c8b966c83248350331bd3a30f658c";

describe("embedDataImages", () => {
  it.each([
    [`<img src="data:image/gif;base64,${GIF}" alt>`, `<img src="cid:${ID}" alt>`],
    [`<IMG SRC=DATA:image/GIF;base64,${GIF}>`, `<IMG SRC="cid:${ID}">`],
    [`<img src='data:image/gif;x=y;base64,${GIF.slice(0, 9)}\n  ${GIF.slice(9)}'>`, `<img src='cid:${ID}'>`],
    [`<img src="data:image/gif;base64,${GIF.replaceAll("/", "%2F")}">`, `<img src="cid:${ID}">`],
    [
      `<!--[if mso]><img src="data:image/gif;base64,${GIF}"><![endif]-->`,
      `<!--[if mso]><img src="cid:${ID}"><![endif]-->`,
    ],
  ])("%s", (html, expected) => {
    const embedded = embedDataImages(html);
    expect(embedded.html).toBe(expected);
    expect(embedded.images).toEqual([
      { contentId: ID, contentType: "image/gif", bytes: new Uint8Array(Buffer.from(GIF, "base64")) },
    ]);
  });

  it("takes the same image once", () => {
    expect(embedDataImages(`<img src="data:image/gif;base64,${GIF}">`.repeat(3)).images).toHaveLength(1);
  });

  it.each([
    '<img src="http://a.example/x.gif">',
    '<img src="data:image/svg+xml;utf8,<svg/>">',
    '<img src="data:image/gif;base64,{{ x }}">',
    '<img src="data:text/html;base64,AAAA">',
    '<a href="data:image/gif;base64,AAAA">',
    "<img>",
  ])("leaves %s", (html) => {
    expect(embedDataImages(html)).toEqual({ html, images: [], problems: [] });
  });

  it.each(["", "A", "AA=A", "AAA==", "A*AA", "AAAA====", "äAAA"])("refuses %j as base64", (data) => {
    const html = `\n<img src="data:image/gif;base64,${data}">`;
    expect(embedDataImages(html)).toEqual({
      html,
      images: [],
      problems: [{ line: 2, column: 11, message: "this image is not valid base64: it stays as it is" }],
    });
  });
});

describe("cidReferences", () => {
  it("finds every place that shows another part", () => {
    const html = [
      "<style>a{b:url( 'cid:one' )}</style>",
      "<img src=CID:two%20x><td background='cid:three' style='b:url(cid:four)'>",
      "<!--[if mso]><v:fill src='cid:five'><![endif]--><!-- <img src=cid:no> -->",
      "<img src='cid:{{ x }}'><img src='http://a.example/cid:no'><td style='b:url(cid:{{ x }})'>",
    ].join("\n");
    expect(cidReferences(html).map(({ contentId, line, column }) => `${line}:${column} ${contentId}`)).toEqual([
      "1:12 one",
      "2:10 two x",
      "2:38 three",
      "2:58 four",
      "3:27 five",
    ]);
  });
});
