/** What the browser tests know of the platform: settings, sending domains, unsubscribes. */
import {
  type Domain,
  type PlatformSettings,
  platformSettingsSchema,
  type Unsubscription,
} from "../../src/contract/index.ts";
import { ago } from "./fixture-data.ts";

export const makeSettings = (): PlatformSettings & { version: number } => ({
  ...platformSettingsSchema.parse({
    organisation: "Shop",
    logoUrl: "https://shop.example/logo.png",
    errorAddress: "bounces@bounces.shop.example",
    bounceDomain: "bounces.shop.example",
    unsubscribeAddress: "unsubscribe@bounces.shop.example",
    formatRules: [{ domains: ["docomo.example", "*.docomo.example"], format: "text" }],
  }),
  version: 3,
});

export function makeDomains(): Domain[] {
  const value = `v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A${"MIIBCgKCAQEAx9".repeat(24)}IDAQAB`;
  const key = (id: string, selector: string, state: "active" | "retired"): Domain["keys"][number] => ({
    id,
    selector,
    algorithm: "rsa-sha256",
    bits: 2048,
    canonicalization: "relaxed/relaxed",
    state,
    createdAt: ago(state === "active" ? 2000 : 400_000),
    retiredAt: state === "active" ? null : ago(2000),
    record: {
      name: `${selector}._domainkey.shop.example`,
      type: "TXT",
      value,
      strings: [value.slice(0, 255), value.slice(255)],
    },
  });
  return [
    {
      name: "shop.example",
      keys: [key("2", "envoi2", "active"), key("1", "envoi1", "retired")],
      checks: [
        {
          id: "spf",
          name: "shop.example",
          status: "warning",
          expected: "v=spf1 ip4:192.0.2.10 ~all",
          found: "v=spf1 include:_spf.mail.example ~all",
          detail: "192.0.2.10 is not among the addresses that may send.",
        },
        {
          id: "dkim",
          name: "envoi2._domainkey.shop.example",
          status: "error",
          expected: value,
          found: "no such name",
          detail: "There is no record.",
        },
        {
          id: "dmarc",
          name: "_dmarc.shop.example",
          status: "ok",
          expected: "v=DMARC1; p=none",
          found: "v=DMARC1; p=quarantine; rua=mailto:dmarc@shop.example",
          detail: "",
        },
        {
          id: "bounce-mx",
          name: "bounces.shop.example",
          status: "unknown",
          expected: "10 mail.shop.example",
          found: "no answer",
          detail: "The name server did not answer.",
        },
      ],
    },
    { name: "news.shop.example", keys: [], checks: [] },
  ];
}

type Stored = Omit<Unsubscription, "scope" | "denylisted" | "lastAt">;

export const makeUnsubscriptions = (): Stored[] => [
  {
    address: "never@webpost.example",
    at: ago(30),
    source: "one-click",
    deliveryId: "12",
    messageKey: "4-5",
    serviceId: null,
    repeats: 1,
    undoneAt: null,
  },
  {
    address: "tired@bigmail.example",
    at: ago(900),
    source: "page",
    deliveryId: "8",
    messageKey: "4-9",
    serviceId: null,
    repeats: 0,
    undoneAt: ago(890),
  },
  {
    address: "stop@office.example",
    at: ago(1500),
    source: "mailto",
    deliveryId: "8",
    messageKey: "4-11",
    serviceId: null,
    repeats: 0,
    undoneAt: null,
  },
];
