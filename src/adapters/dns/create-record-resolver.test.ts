import { afterEach, beforeEach, expect, test } from "vitest";

import { type DnsServer, startDnsServer } from "../../../test/dns-server.ts";
import { createRecordResolver, type RecordResolver } from "./create-record-resolver.ts";

let server: DnsServer;
let resolver: RecordResolver;
beforeEach(async () => {
  server = await startDnsServer();
  resolver = createRecordResolver({ servers: [server.address], timeout: 100 });
});
afterEach(() => server.close());

test("TXT records whole, however many strings they have", async () => {
  const long = `v=DKIM1; p=${"A".repeat(600)}`;
  server.zone["example.com"] = { TXT: [long, "v=spf1 -all"] };
  expect(await resolver.txt("example.com")).toEqual({ kind: "records", records: [long, "v=spf1 -all"] });
});

test("MX, addresses and aliases in lower case without the dot of the root", async () => {
  server.zone["example.com"] = {
    MX: ["10 MX1.Example.com", "0 ."],
    A: ["192.0.2.1"],
    AAAA: ["20010db8000000000000000000000001"],
  };
  server.zone["www.example.com"] = { CNAME: ["Example.com"] };
  server.zone["Example.com"] = server.zone["example.com"];
  expect(await resolver.mx("example.com")).toEqual({
    kind: "records",
    records: expect.arrayContaining([
      { host: "mx1.example.com", preference: 10 },
      { host: "", preference: 0 },
    ]),
  });
  expect(await resolver.a("www.example.com")).toEqual({ kind: "records", records: ["192.0.2.1"] });
  expect(await resolver.aaaa("example.com")).toEqual({ kind: "records", records: ["2001:db8::1"] });
  expect(await resolver.cname("www.example.com")).toEqual({ kind: "records", records: ["example.com"] });
});

test("a missing name, missing records and a resolver in trouble are told apart", async () => {
  server.zone["empty.example"] = {};
  server.zone["broken.example"] = "servfail";
  server.zone["silent.example"] = "silent";
  for (const type of ["txt", "mx", "a", "aaaa", "cname"] as const) {
    expect(await resolver[type]("missing.example")).toEqual({ kind: "no-such-name" });
    expect(await resolver[type]("empty.example")).toEqual({ kind: "no-records" });
    expect(await resolver[type]("broken.example")).toEqual({ kind: "failed", detail: "ESERVFAIL" });
  }
  expect(await resolver.txt("silent.example")).toEqual({ kind: "failed", detail: "ETIMEOUT" });
});

test("a record that was just published shows at once", async () => {
  expect(await resolver.txt("new.example")).toEqual({ kind: "no-such-name" });
  server.zone["new.example"] = { TXT: ["here"] };
  expect(await resolver.txt("new.example")).toEqual({ kind: "records", records: ["here"] });
});
