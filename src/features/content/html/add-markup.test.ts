import { expect, it } from "vitest";

import { addHoneypot, addOpenPixel } from "./add-markup.ts";

it.each([
  ["<body>a</body></html>", "<body>a|</body></html>"],
  ["<BODY>a</BODY >", "<BODY>a|</BODY >"],
  ["<body>a</body><!-- </body> -->", "<body>a|</body><!-- </body> -->"],
  ["</body><!--[if mso]></body><![endif]-->", "|</body><!--[if mso]></body><![endif]-->"],
  ["a</body>b</body>", "a</body>b|</body>"],
  ["a", "a|"],
  ["", "|"],
  ["{% if a %}</body>{% else %}</body>{% endif %}", "{% if a %}</body>{% else %}</body>{% endif %}|"],
  ["{{ '</body>' }}<p title='</body>'>", "{{ '</body>' }}<p title='</body>'>|"],
  ['<a href="{% tracked 1 %}x"</body>{% endtracked %}">', '<a href="{% tracked 1 %}x"</body>{% endtracked %}">|'],
])("adds at the end of %s", (html, expected) => {
  const [before = "", after = ""] = expected.split("|");
  const pixel = addOpenPixel(html);
  expect(pixel.startsWith(before) && pixel.endsWith(after)).toBe(true);
  expect(pixel.slice(before.length, pixel.length - after.length)).toBe(
    '<img src="{{ message.open_url }}" width="1" height="1" alt="" border="0" style="display:block">',
  );
  const link = addHoneypot(html, 7);
  const added = link.slice(before.length, link.length - after.length);
  expect(added).toMatch(
    /^<div aria-hidden="true" style="display:none;.*<a href="\{% link 7 %\}" tabindex="-1" .*<\/div>$/,
  );
});
