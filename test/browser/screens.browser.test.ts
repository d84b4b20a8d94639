/** Every screen, in light and dark, wide and 390 px: axe finds nothing, and nothing sticks out of the window. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";

import { describeInBrowser, type Look, violations, type World } from "./browser.ts";

type Screen = { name: string; path: string; ready: string; empty?: boolean; act?: (page: Page) => Promise<void> };

const SCREENS: Screen[] = [
  { name: "deliveries", path: "/deliveries", ready: "text=Winter leftovers" },
  { name: "deliveries, none yet", path: "/deliveries", ready: "text=No delivery yet", empty: true },
  { name: "new delivery", path: "/deliveries/new", ready: "text=Properties" },
  { name: "content and checklist", path: "/deliveries/10/content", ready: "text=No text part" },
  {
    name: "all settings of a delivery",
    path: "/deliveries/9/content",
    ready: "text=Headers and error address",
    act: async (page) => {
      for (const section of await page.locator(".mantine-Accordion-control").all()) await section.click();
      await page.getByRole("textbox", { name: "Error address" }).waitFor();
    },
  },
  {
    name: "insert menu",
    path: "/deliveries/9/content",
    ready: "text=See what is new",
    act: async (page) => {
      await page.getByRole("button", { name: "Insert" }).click();
      await page.getByRole("menuitem", { name: "recipient.city" }).waitFor();
    },
  },
  { name: "preview", path: "/deliveries/10/content?preview=true", ready: "iframe" },
  {
    name: "preview of the emptiest, what it was made of",
    path: "/deliveries/10/content?preview=true",
    ready: "iframe",
    act: async (page) => {
      await page.getByText("Emptiest").click();
      await page.getByRole("complementary").getByText("Attributes", { exact: true }).click();
      await page.getByText("no value").first().waitFor();
    },
  },
  { name: "content, to read", path: "/deliveries/12/content", ready: "text=can be read, not changed" },
  { name: "live", path: "/deliveries/12", ready: "text=Clicks by link" },
  { name: "live, not tracked", path: "/deliveries/6", ready: "text=not tracked" },
  { name: "live, held", path: "/deliveries/11", ready: "text=Paused by itself" },
  { name: "live, stopped", path: "/deliveries/7", ready: "text=Mean rate" },
  {
    name: "question before a pause",
    path: "/deliveries/12",
    ready: "text=bigmail.example",
    act: async (page) => {
      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByRole("dialog").waitFor();
    },
  },
  { name: "message log", path: "/deliveries/12/messages", ready: "text=ada.0@bigmail.example" },
  {
    name: "message log, no match",
    path: "/deliveries/12/messages?domain=nowhere.example",
    ready: "text=No message matches",
  },
  { name: "one message", path: "/deliveries/12/messages?message=4-5", ready: "text=Next attempt" },
  {
    name: "reactions of one message",
    path: "/deliveries/12/messages?message=4-0",
    ready: "text=Attempt 1",
    act: async (page) => {
      await page.getByText("Reactions (4)").click();
      await page.getByText("Privacy proxy").waitFor();
    },
  },
  {
    name: "source of one message",
    path: "/deliveries/12/messages?message=4-0",
    ready: "text=Attempt 1",
    act: async (page) => {
      await page.getByText("Source", { exact: true }).click();
      await page.getByText("Same bytes as sent").waitFor();
    },
  },
  { name: "exclusions", path: "/deliveries/12/exclusions", ready: "text=line 40: two @" },
  { name: "imports", path: "/imports", ready: "text=subscribers-march.csv" },
  { name: "rejected rows", path: "/imports?errors=3", ready: "text=chen;Lyon" },
  { name: "failed import", path: "/imports?errors=4", ready: "text=The file has no email column" },
  { name: "sandbox inbox", path: "/sandbox", ready: "text=Spring is here, ada" },
  { name: "sandbox inbox, nothing", path: "/sandbox", ready: "text=Nothing has arrived", empty: true },
  { name: "one arrived message", path: "/sandbox?message=490", ready: "iframe" },
  { name: "quarantine", path: "/quarantine", ready: "text=gone@office.example" },
  { name: "one address", path: "/quarantine?address=gone@office.example", ready: "text=Message 2-17" },
  { name: "quarantine, nobody", path: "/quarantine", ready: "text=No address is in quarantine", empty: true },
  { name: "allowlist", path: "/quarantine/allowlist", ready: "text=board@partner.example" },
  {
    name: "counting before a release of many",
    path: "/quarantine",
    ready: "text=gone@office.example",
    act: async (page) => {
      await page.getByRole("button", { name: "Release many" }).click();
      await page.getByRole("dialog").getByLabel("Note").fill("outage");
      await page.getByRole("dialog").getByRole("button", { name: "Count", exact: true }).click();
      await page.getByText("addresses fit").waitFor();
    },
  },
  { name: "inbound mail", path: "/inbound-mails", ready: "text=stop@office.example" },
  { name: "one inbound mail that failed", path: "/inbound-mails?mail=505", ready: "text=It could not be processed" },
  { name: "mailboxes", path: "/inbound-mails/mailboxes", ready: "text=Complaints of the old platform" },
  { name: "one mailbox", path: "/inbound-mails/mailboxes/2", ready: "text=The last 12 looks failed" },
  { name: "unsubscribes", path: "/unsubscriptions", ready: "text=never@webpost.example" },
  { name: "unsubscribes, nobody", path: "/unsubscriptions", ready: "text=Nobody has unsubscribed", empty: true },
  { name: "templates", path: "/templates", ready: "text=Newsletter with archive" },
  { name: "one template", path: "/templates/2", ready: "text=Properties" },
  { name: "the built-in template", path: "/templates/1", ready: "text=comes with Envoi" },
  {
    name: "duplicating a template",
    path: "/templates/2",
    ready: "text=Properties",
    act: async (page) => {
      await page.getByRole("button", { name: "Duplicate" }).click();
      await page.getByRole("dialog").getByLabel("Label").waitFor();
    },
  },
  { name: "new delivery from a template", path: "/deliveries/new?template=2", ready: "text=Delivery template" },
  {
    name: "menu of a delivery",
    path: "/deliveries/12",
    ready: "text=Clicks by link",
    act: async (page) => {
      await page.getByRole("button", { name: "More acts" }).click();
      await page.getByRole("menuitem", { name: "Save as template" }).waitFor();
    },
  },
  { name: "blocks", path: "/blocks", ready: "text=opening-hours" },
  {
    name: "naming a block",
    path: "/blocks",
    ready: "text=opening-hours",
    act: async (page) => {
      await page.getByRole("button", { name: "New block" }).click();
      await page.getByRole("dialog").getByLabel("Name").fill("Footer");
    },
  },
  { name: "one block", path: "/blocks/opening-hours", ready: "text=HTML variant" },
  { name: "a built-in block", path: "/blocks/greeting", ready: "text=comes with Envoi" },
  {
    name: "a block that is refused",
    path: "/blocks/opening-hours",
    ready: "text=HTML variant",
    act: async (page) => {
      await page.getByRole("textbox", { name: "HTML variant" }).fill("{% fi %}");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("unknown tag fi").waitFor();
    },
  },
  { name: "archive", path: "/archive", ready: "text=Oldest debt" },
  { name: "archive, none yet", path: "/archive", ready: "text=No archive yet", empty: true },
  { name: "archive, no such copy", path: "/archive?delivery=999", ready: "text=No copy matches" },
  {
    name: "one archive and its test",
    path: "/archive/1",
    ready: "text=Where copies go",
    act: async (page) => {
      await page.getByRole("button", { name: "Test" }).click();
      await page.getByRole("log").waitFor();
    },
  },
  { name: "an archive with a hidden address", path: "/archive/3", ready: "text=You cannot see" },
  { name: "new archive", path: "/archive/new", ready: "text=Where copies go" },
  {
    name: "new object store",
    path: "/archive/new",
    ready: "text=Where copies go",
    act: async (page) => {
      await page.getByRole("radio", { name: "Object store" }).click();
      await page.getByLabel("Secret key").waitFor();
    },
  },
  {
    name: "E-mail BCC of a delivery",
    path: "/deliveries/9/content",
    ready: "text=E-mail BCC",
    act: async (page) => {
      await page.getByRole("switch", { name: "E-mail BCC" }).click();
      await page.getByRole("checkbox", { name: "Files of statements" }).waitFor();
    },
  },
  { name: "lanes", path: "/sending", ready: "text=Suspended" },
  { name: "lanes, none yet", path: "/sending", ready: "text=No lane yet", empty: true },
  { name: "one lane", path: `/sending?lane=${"b".repeat(32)}`, ready: "text=What shaping did here" },
  { name: "a pinned lane", path: `/sending?lane=${"c".repeat(32)}`, ready: "text=Pinned by admin" },
  { name: "what shaping did", path: "/sending/events", ready: "text=ended by itself" },
  { name: "what shaping did, nothing", path: "/sending/events", ready: "text=Nothing happened", empty: true },
  {
    name: "question before undoing",
    path: "/sending/events",
    ready: "text=ended by itself",
    act: async (page) => {
      await page.getByRole("button", { name: "Undo: out1 at outlook" }).click();
      await page.getByRole("dialog").waitFor();
    },
  },
  { name: "MX rules", path: "/sending/rules?mx=aspmx.l.google.com", ready: "text=Would apply without it" },
  { name: "MX rules, none yet", path: "/sending/rules", ready: "text=No rule of your own", empty: true },
  { name: "one MX rule", path: "/sending/rules/3", ready: "text=Put it further up" },
  {
    name: "an MX rule that is refused",
    path: "/sending/rules/new",
    ready: "text=Where it applies",
    act: async (page) => {
      await page.getByLabel("MX hosts").fill("info@example.net");
      await page.getByRole("button", { name: "Create" }).click();
      await page.getByText("No host name looks like this").waitFor();
    },
  },
  { name: "reply texts", path: "/reply-texts?state=all", ready: "text=no longer with us" },
  { name: "reply texts, none to qualify", path: "/reply-texts", ready: "text=Nothing to qualify", empty: true },
  { name: "one reply text, hostile", path: "/reply-texts?text=7", ready: "text=As it came first" },
  { name: "one reply text, long", path: "/reply-texts?state=all&text=8", ready: "text=As it came first" },
  { name: "bounce rules", path: "/bounce-rules?rule=google-over-rate", ready: "text=10-provider.toml:20" },
  { name: "bounce rules, none yet", path: "/bounce-rules", ready: "text=No rule of your own", empty: true },
  {
    name: "a bounce rule that was tried and is refused",
    path: "/bounce-rules/3",
    ready: "text=An earlier rule takes",
    act: async (page) => {
      await page.getByRole("button", { name: "Try", exact: true }).click();
      await page.getByText("would be judged otherwise").first().waitFor();
      await page.getByLabel("Codes", { exact: true }).fill("250");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("is not like 550").waitFor();
    },
  },
  { name: "judged again", path: "/requalifications", ready: "text=Counted only" },
  {
    name: "counting what would change",
    path: "/requalifications",
    ready: "text=Counted only",
    act: async (page) => {
      await page.getByRole("button", { name: "Judge past messages again" }).click();
      await page.getByRole("button", { name: "Count first" }).click();
      await page.getByText("would change, in").waitFor();
    },
  },
  {
    name: "a message whose recipient complained",
    path: "/deliveries/12/messages?message=4-1",
    ready: "text=Complained",
  },
  { name: "sources and pools", path: "/sending/sources", ready: "text=45.5%" },
  { name: "sources, none yet", path: "/sending/sources", ready: "text=No source yet", empty: true },
  { name: "one source", path: "/sending/sources/1", ready: "text=HELO name" },
  { name: "one pool", path: "/sending/pools/2", ready: "text=Add a source" },
  { name: "warm-up", path: "/sending/warm-up", ready: "text=18,300 of 50,000" },
  { name: "warm-up, none", path: "/sending/warm-up", ready: "text=No warm-up", empty: true },
  {
    name: "one cell of the warm-up",
    path: "/sending/warm-up?all=true&cell=2%20outlook",
    ready: "text=Day of the curve",
  },
  {
    name: "speed and priority",
    path: "/deliveries/12",
    ready: "text=Why is it slow?",
    act: async (page) => {
      await page.getByRole("button", { name: "Change speed and priority" }).click();
      await page.getByRole("dialog").waitFor();
    },
  },
  { name: "plan and what it became", path: "/deliveries/8", ready: "text=Real messages/h" },
  { name: "live, a test", path: "/deliveries/7", ready: "text=nothing is delivered" },
  { name: "domains", path: "/domains", ready: "text=envoi2" },
  { name: "domains, none yet", path: "/domains", ready: "text=No sending domain yet", empty: true },
  { name: "one domain", path: "/domains/shop.example", ready: "text=Zone file" },
  {
    name: "the kinds of keys",
    path: "/domains/other.example",
    ready: "text=No key",
    act: async (page) => {
      await page.getByRole("button", { name: "Generate a key" }).click();
      await page.getByRole("menuitem", { name: /Ed25519/ }).waitFor();
    },
  },
  { name: "a domain without a key", path: "/domains/other.example", ready: "text=No key" },
  { name: "settings", path: "/settings", ready: "text=Bounce domain" },
  { name: "account", path: "/account", ready: "text=192.0.2.2" },
  { name: "no such delivery", path: "/deliveries/999", ready: "text=There is no such delivery" },
  { name: "no such page", path: "/nowhere", ready: "text=There is nothing here" },
];

/** How many pixels the page is wider than its window. */
const SURPLUS = "document.documentElement.scrollWidth - document.documentElement.clientWidth";

const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 390, height: 900 };

/** A few screens a test, so that none comes near its time limit on a slow machine. */
const AT_ONCE = 10;
const PARTS = Array.from({ length: Math.ceil(SCREENS.length / AT_ONCE) }, (_, part) => ({
  part: part + 1,
  screens: SCREENS.slice(part * AT_ONCE, (part + 1) * AT_ONCE),
}));

describeInBrowser("screens", (world) => {
  test.each(PARTS)("1280 px, light and dark, and 390 px, light, part $part", async ({ screens }) => {
    const { page } = world;
    const found: string[] = [];
    for (const screen of screens) {
      const look = async (width: string) => {
        const tooWide = await page.evaluate<number>(SURPLUS);
        if (tooWide > 0) found.push(`${screen.name}, ${width}: sticks out by ${tooWide} px`);
        found.push(...(await violations(page)).map((each) => `${screen.name}, ${width}: ${each}`));
      };
      await page.setViewportSize(WIDE);
      await show(world, screen);
      await look("wide");
      // In the dark only colours differ, and they do not depend on the width.
      await turn(page, "dark");
      found.push(...(await violations(page, ["color-contrast"])).map((each) => `${screen.name}, dark: ${each}`));
      await turn(page, "light");
      await page.setViewportSize(NARROW);
      // What somebody did before has to be possible in a narrow window, too; all else is the same page.
      if (screen.act) await show(world, screen);
      else await page.locator(screen.ready).first().waitFor({ state: "attached" });
      await look("narrow");
    }
    expect(found).toEqual([]);
  });

  test("the sign-in page", async () => {
    await world.page.context().clearCookies();
    await world.page.goto(world.fixture.url);
    await world.page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await violations(world.page)).toEqual([]);
  });
});

async function show({ fixture, page }: World, { path, ready, empty = false, act }: Screen): Promise<void> {
  fixture.reset(empty);
  await page.goto(fixture.url + path);
  // Some words stand in a column that a narrow table leaves out.
  await page.locator(ready).first().waitFor({ state: "attached" });
  await act?.(page);
}

/** As when the system turns dark in the evening: the page follows without loading again. */
async function turn(page: Page, scheme: Look["scheme"]): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme });
  await page.locator(`html[data-mantine-color-scheme=${scheme}]`).waitFor();
}
