import { expect, test } from "vitest";

import { findImages } from "./find-images.ts";

test.each<[string, string, [string, boolean][]]>([
  ["none", "<p>img</p>", []],
  ["with a text", '<img src="a.png" alt="A shoe">', [["a.png", true]]],
  ["decoration", '<img alt src="https://example.org/a?b=1&amp;c=2">', [["https://example.org/a?b=1&c=2", true]]],
  [
    "without",
    "<IMG SRC='a.png'><img src=b.png title='B'>",
    [
      ["a.png", false],
      ["b.png", false],
    ],
  ],
  ["personalised", '<img src="{{ recipient.photo }}" alt="{{ recipient.name }}">', [["{{ recipient.photo }}", true]]],
  [
    "in a condition",
    '{% if a %}<img src="a.png">{% else %}<img src="b.png" alt="b">{% endif %}',
    [
      ["a.png", false],
      ["b.png", true],
    ],
  ],
  ["Envoi's own pixel", '<img src="{{ message.open_url }}" width="1">', []],
  ["in a comment of Outlook", '<!--[if mso]><img src="a.png"><![endif]-->', [["a.png", false]]],
  ["in a comment proper", '<!-- <img src="a.png"> -->', []],
  ["without an address", "<img alt='x'><img>", []],
])("images: %s", (_, html, expected) => {
  expect(findImages(html).map(({ url, hasAlt }) => [url, hasAlt])).toEqual(expected);
});
