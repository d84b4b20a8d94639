/** A mailbox from the API into the form and back. */
import { describe, expect, test } from "vitest";

import type { Mailbox } from "../../../src/contract/mailboxes.ts";
import { draftOf, emptyMailbox, errorsOf, requestOf, usualPort } from "./mailbox-draft.ts";

const mailbox: Mailbox = {
  id: "1",
  name: "Bounces",
  enabled: true,
  protocol: "pop3",
  tls: "starttls",
  verifyCertificate: false,
  host: "pop.shop.example",
  port: 1110,
  user: "bounces@shop.example",
  auth: { kind: "oauth2", refresh: { tokenUrl: "https://login.example/token", clientId: "envoi", scope: null } },
  hasSecret: true,
  folder: "INBOX",
  every: "10m",
  deleteProcessed: false,
  version: 3,
  createdAt: "2026-05-04T09:05:00Z",
  updatedAt: "2026-05-04T09:05:00Z",
  state: {
    status: "waiting",
    polledAt: null,
    succeededAt: null,
    nextPollAt: null,
    failures: 0,
    error: null,
    note: null,
    found: null,
    taken: 0,
    deleted: 0,
  },
};

test("what is read and written back is the same; secrets that nobody typed are left out", () => {
  const { id: _id, hasSecret: _has, version: _version, createdAt: _c, updatedAt: _u, state: _s, ...rest } = mailbox;
  const auth = { kind: "oauth2", refresh: { tokenUrl: "https://login.example/token", clientId: "envoi" } };
  expect(requestOf(draftOf(mailbox))).toEqual({ ...rest, auth });
});

test.each([
  ["pop3", "implicit", 995],
  ["pop3", "starttls", 110],
  ["imap", "implicit", 993],
  ["imap", "none", 143],
] as const)("%s %s: port %i, which is not said", (protocol, tls, port) => {
  expect(usualPort({ protocol, tls })).toBe(port);
  expect(draftOf({ ...mailbox, protocol, tls, port }).port).toBe("");
  expect(requestOf({ ...emptyMailbox, protocol, tls })).not.toHaveProperty("port");
});

describe("the kinds of login", () => {
  const typed = {
    ...emptyMailbox,
    password: " p w ",
    accessToken: "at",
    refreshToken: "rt",
    tokenUrl: " https://t.example ",
  };

  test("a password goes out as it was typed", () => {
    expect(requestOf(typed).auth).toEqual({ kind: "password", password: " p w " });
  });

  test("a token alone, or with what renews it", () => {
    expect(requestOf({ ...typed, login: "oauth2" }).auth).toEqual({ kind: "oauth2", accessToken: "at" });
    expect(requestOf({ ...typed, login: "oauth2-refresh", clientId: "envoi" }).auth).toEqual({
      kind: "oauth2",
      accessToken: "at",
      refresh: { tokenUrl: "https://t.example", clientId: "envoi", refreshToken: "rt" },
    });
  });
});

test("each refusal lands at its field", () => {
  const errors = [
    { pointer: "/host", code: "x", message: "no host" },
    { pointer: "/auth/refresh/tokenUrl", code: "x", message: "no address" },
    { pointer: "/auth/password", code: "x", message: "needed" },
    { pointer: "/auth", code: "x", message: "no login" },
    { pointer: "/nowhere", code: "x", message: "?" },
  ];
  expect(errorsOf({ type: "about:blank", title: "", status: 422, detail: "", code: "invalid-input", errors })).toEqual({
    fields: { host: "no host", tokenUrl: "no address", password: "needed", login: "no login" },
    others: ["/nowhere: ?"],
  });
});
