import { describe, expect, test } from "vitest";

import { KEYS, loadConfig, parseRoutes } from "./config.ts";

describe("configuration", () => {
  test("nothing set: everything has its default, and nobody is mailed", () => {
    expect(loadConfig({})).toMatchObject({
      port: 8080,
      host: "127.0.0.1",
      transport: "sandbox",
      routes: {},
      relays: [],
      relayProfile: "classic",
    });
  });

  test.each([
    ["PORT", "80a"],
    ["PORT", "70000"],
    ["ENVOI_TRANSPORT", "pigeon"],
    ["ENVOI_SENDERS", "0"],
    ["ENVOI_ROLES", "web,cook"],
    ["ENVOI_ROUTES", "example.org"],
    ["ENVOI_ROUTES", "*=host:0"],
    ["ENVOI_RELAY", "http://relay.example"],
    ["ENVOI_RELAY", "smtp://one.example,http://two.example"],
    ["ENVOI_RELAY", "smtp://one.example two.example"],
    ["ENVOI_RELAY", "smtp://one.example/path"],
    ["ENVOI_RELAY", "smtp://one.example:25, smtp://one.example:25?weight=2"],
    ["ENVOI_RELAY", "smtp://one.example?weight=0"],
    ["ENVOI_RELAY", "smtp://one.example?wait=1"],
    ["ENVOI_RELAY", "smtp://me:100%@one.example"],
    ["ENVOI_RELAY", "smtp:///"],
    ["ENVOI_RELAY_PROFILE", "optimistic"],
    ["ENVOI_DNS", "dns.example"],
    ["ENVOI_DNS", "192.0.2.53:99999"],
    ["ENVOI_DNS", ","],
    ["ENVOI_DNS_VALIDATES", "perhaps"],
    ["ENVOI_PUBLIC_URL", "mail.example.com"],
    ["ENVOI_PUBLIC_URL", "ftp://mail.example.com"],
    ["ENVOI_PUBLIC_URL", "https://mail.example.com/?x=1"],
  ])("%s=%s is refused by name", (name, value) => {
    expect(() => loadConfig({ [name]: value })).toThrow(name);
  });

  test("DNS servers with and without port, of both families, and what is ours", () => {
    const env = {
      ENVOI_DNS: "192.0.2.53, 192.0.2.54:5353,[2001:db8::53]:5353,2001:db8::54",
      ENVOI_OWN_HOSTS: "mx.example.org, 192.0.2.1",
    };
    expect(loadConfig(env)).toMatchObject({
      dnsServers: ["192.0.2.53", "192.0.2.54:5353", "[2001:db8::53]:5353", "2001:db8::54"],
      ownHosts: ["mx.example.org", "192.0.2.1"],
      dnsValidates: "loopback",
    });
  });

  test("all problems are told at once, and a relay's password never", () => {
    const load = () => loadConfig({ PORT: "x", ENVOI_SENDERS: "y", ENVOI_RELAY: "ftp://me:secret@relay.example" });
    expect(load).toThrow(/PORT.*ENVOI_RELAY.*ENVOI_SENDERS/);
    expect(load).not.toThrow(/secret/);
  });

  test.each([
    "smtp://me:secret@one.example/path",
    "smtp://me:secret@one.example?weight=x",
    "smtp://me:secret%@one.example",
    "smtp://me:secret@one.example:99999",
    "smtp://one.example smtp://me:secret@one.example:587",
    "smtp://me:se@secret\n@@one.example?x=1",
  ])("no password in what is said of relay %j", (url) => {
    const load = () => loadConfig({ ENVOI_TRANSPORT: "relay", ENVOI_RELAY: url });
    expect(load).toThrow("ENVOI_RELAY");
    expect(load).not.toThrow(/secret/);
    expect(load).not.toThrow("is needed");
  });

  test.each([
    ["smtp://one.example", [["one.example", 1]]],
    [
      "smtp://one.example?weight=3, smtps://me:p@[::1]/\t smtp://two.example:25?weight=2",
      [
        ["one.example", 3],
        ["::1", 1],
        ["two.example", 2],
      ],
    ],
    [
      "smtp://me:a,b%20c@one.example,smtp://one.example:26",
      [
        ["one.example", 1],
        ["one.example", 1],
      ],
    ],
  ])("relays %s", (text, expected) => {
    const { relays } = loadConfig({ ENVOI_TRANSPORT: "relay", ENVOI_RELAY: text });
    expect(relays.map(({ host, weight }) => [host, weight])).toEqual(expected);
  });

  test("a comma in a password belongs to it", () => {
    const { relays } = loadConfig({ ENVOI_RELAY: "smtp://me:a,b%2Fc@one.example,smtp://two.example" });
    expect(relays.map(({ password }) => password)).toEqual(["a,b/c", null]);
  });

  test("how relays are believed", () => {
    expect(loadConfig({ ENVOI_RELAY_PROFILE: "confirmed" }).relayProfile).toBe("confirmed");
  });

  test.each([
    [{}, "http://127.0.0.1:8080"],
    [{ HOST: "::1", PORT: "81" }, "http://[::1]:81"],
    [{ ENVOI_PUBLIC_URL: "https://mail.example.com/envoi" }, "https://mail.example.com/envoi"],
  ])("the public URL of %j", (env, url) => expect(loadConfig(env).publicUrl).toBe(url));

  test("a relay needs its address", () => {
    expect(() => loadConfig({ ENVOI_TRANSPORT: "relay" })).toThrow("ENVOI_RELAY");
  });

  test.each([
    ["smtp://relay.example", { host: "relay.example", port: 587, implicitTls: false, user: null }],
    ["smtps://me:p%40ss@relay.example", { port: 465, implicitTls: true, user: "me", password: "p@ss" }],
    ["smtp://[::1]:2525", { host: "::1", port: 2525 }],
  ])("relay %s", (url, expected) => {
    expect(loadConfig({ ENVOI_TRANSPORT: "relay", ENVOI_RELAY: url }).relays).toMatchObject([expected]);
  });

  test.each<[string[], object]>([
    [
      ["Example.ORG=127.0.0.1:2525", " *=[::1]:25 "],
      { "example.org": { host: "127.0.0.1", port: 2525 }, "*": { host: "::1", port: 25 } },
    ],
    [[], {}],
  ])("routes %j", (texts, expected) => expect(parseRoutes(texts)).toEqual(expected));

  test("every key is described once", () => {
    expect(new Set(KEYS.map((key) => key.name)).size).toBe(KEYS.length);
    for (const key of KEYS) expect(key.meaning.length).toBeGreaterThan(5);
  });
});
