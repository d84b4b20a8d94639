/** Compares DNS with what should be there for a sending domain: asks all questions at once, then has the answers judged. */
import { isIP } from "node:net";

import type { DnsCheck } from "../../contract/index.ts";
import type { Queryable } from "../../platform/db.ts";
import { loadSettings } from "../settings/index.ts";
import { checkDkim } from "./check-dkim.ts";
import { type DmarcAnswers, walkNames } from "../../core/dmarc/find-policy.ts";
import { checkDmarc } from "./check-dmarc.ts";
import { type BounceAnswers, checkBounceMx, checkReturnPath, checkTrackingHost } from "./check-hosts.ts";
import { checkSpf } from "./check-spf.ts";
import { askAddresses, askOnce, type Answer, type RecordResolver } from "./dns-answers.ts";
import type { DomainExpectation, Said, SendingFacts } from "./expectation.ts";
import { recordName } from "./key-record.ts";
import { signersOf } from "./signing-keys.ts";
import { loadSpf } from "./spf-tree.ts";

export type DnsDeps = { readonly resolver: RecordResolver; readonly sending: SendingFacts };

/** `domain` in lower case ASCII. */
export async function checkSendingDomain(
  db: Queryable,
  { resolver, sending }: DnsDeps,
  domain: string,
): Promise<DnsCheck[]> {
  const [settings, keys] = await Promise.all([loadSettings(db), signersOf(db, domain)]);
  return checkDomain(resolver, {
    ...sending,
    domain,
    keys,
    returnPath: settings.errorAddress.split("@").at(-1)?.toLowerCase() || domain,
    bounceDomain: settings.bounceDomain || null,
  });
}

export async function checkDomain(plain: RecordResolver, expectation: DomainExpectation): Promise<DnsCheck[]> {
  const resolver = askOnce(plain);
  const checks = await Promise.all([
    checkSpfRecords(resolver, expectation),
    checkKeys(resolver, expectation),
    checkPolicy(resolver, expectation),
    checkMailHosts(resolver, expectation),
  ]);
  return checks.flat();
}

const named = (id: DnsCheck["id"], name: string, said: Said): DnsCheck => ({ id, name, ...said });

/** Receivers ask the domain of the return path; where that is another one, both are looked at. */
async function checkSpfRecords(resolver: RecordResolver, expectation: DomainExpectation): Promise<DnsCheck[]> {
  const { domain, returnPath, way } = expectation;
  const names = [...new Set([domain, returnPath])];
  const trees = await Promise.all(names.map((name) => loadSpf(resolver, name)));
  return trees.map((tree) => named("spf", tree.root.domain, checkSpf(tree, way, tree.root.domain === returnPath)));
}

async function checkKeys(resolver: RecordResolver, { domain, keys }: DomainExpectation): Promise<DnsCheck[]> {
  if (keys.length === 0) {
    const detail = "Mail goes out unsigned: make a key and publish its record.";
    return [named("dkim", domain, { status: "error", expected: "an active key", found: "no key here", detail })];
  }
  return Promise.all(
    keys.map(async (key) => {
      const name = recordName(key.selector, key.domain);
      return named("dkim", name, checkDkim(key, await resolver.txt(name)));
    }),
  );
}

async function checkPolicy(resolver: RecordResolver, expectation: DomainExpectation): Promise<DnsCheck[]> {
  const domains = [expectation.domain, expectation.returnPath, ...expectation.keys.map((key) => key.domain)];
  const names = [...new Set(domains.flatMap(walkNames))];
  const answers: DmarcAnswers = new Map(
    await Promise.all(names.map(async (name) => [name, await resolver.txt(`_dmarc.${name}`)] as const)),
  );
  return [named("dmarc", `_dmarc.${expectation.domain}`, checkDmarc(answers, expectation))];
}

async function checkMailHosts(resolver: RecordResolver, expectation: DomainExpectation): Promise<DnsCheck[]> {
  const { returnPath, publicUrl, way, bounceDomain } = expectation;
  const host = new URL(publicUrl).hostname.replace(/^\[|\]$/g, "");
  const [returnMail, tracking, bounces] = await Promise.all([
    askMail(resolver, returnPath),
    isIP(host) === 0 ? askHost(resolver, host) : null,
    bounceDomain === null ? null : askBounces(resolver, bounceDomain),
  ]);
  return [
    named("return-path", returnPath, checkReturnPath(returnMail)),
    named("tracking-host", host, checkTrackingHost(publicUrl, way, tracking)),
    named("bounce-mx", bounceDomain ?? "", checkBounceMx(expectation, bounces)),
  ];
}

async function askMail(resolver: RecordResolver, domain: string) {
  const [mx, addresses] = await Promise.all([resolver.mx(domain), askAddresses(resolver, domain)]);
  return { mx, addresses };
}

async function askHost(resolver: RecordResolver, host: string) {
  const [addresses, cname] = await Promise.all([askAddresses(resolver, host), resolver.cname(host)]);
  return { addresses, cname };
}

async function askBounces(resolver: RecordResolver, domain: string): Promise<BounceAnswers> {
  const answers = await askMail(resolver, domain);
  const names = answers.mx.kind === "records" ? answers.mx.records.map((record) => record.host) : [domain];
  const hosts = new Map<string, Answer<string>>(
    await Promise.all(
      names
        .filter((name) => name !== "")
        .slice(0, 10)
        .map(async (name) => [name, await askAddresses(resolver, name)] as const),
    ),
  );
  return { ...answers, hosts };
}
