/** What the stand-in answers about blocks, files, domains, settings and unsubscribes. */
import type { Block, BlockInput, DkimKey, Domain } from "../../src/contract/index.ts";
import { type Answer, type Call, ok, page, problem } from "./fixture-answer.ts";
import { makeBlocks, makeFiles } from "./fixture-content.ts";
import { makeDomains, makeSettings, makeUnsubscriptions } from "./fixture-platform-data.ts";

export const makePlatform = (empty: boolean) => ({
  blocks: makeBlocks().filter((block) => !empty || block.builtIn),
  files: empty ? [] : makeFiles(),
  domains: empty ? [] : makeDomains(),
  settings: makeSettings(),
  unsubscriptions: empty ? [] : makeUnsubscriptions(),
});
export type Platform = ReturnType<typeof makePlatform>;

const conflict = () => problem(412, "version-conflict", "Somebody else has changed it", "Read it again.");

export function blockAnswer({ blocks }: Platform, call: Call, name: string): Answer {
  if (name === "") return page(blocks, call.query);
  const found = blocks.find((each) => each.name === name);
  switch (call.method) {
    case "PUT":
      return putBlock(blocks, found, call, name);
    case "DELETE":
      if (found !== undefined) blocks.splice(blocks.indexOf(found), 1);
      return { status: 204 };
    default:
      return found === undefined ? problem(404, "not-found", "There is no such block", name) : ok(found);
  }
}

function putBlock(blocks: Block[], found: Block | undefined, { body, request }: Call, name: string): Answer {
  const wanted = found === undefined ? undefined : `"${found.version}"`;
  const creates = request.headers["if-none-match"] === "*";
  if (creates ? found !== undefined : request.headers["if-match"] !== wanted) return conflict();
  const input = JSON.parse(body) as BlockInput;
  const line = input.html.split("\n").findIndex((each) => each.includes("{% fi %}"));
  if (line !== -1) {
    const message = `line ${line + 1}, column 4: unknown tag fi`;
    return problem(422, "invalid-input", "The block has errors", "See the fields.", [
      { pointer: "/html", code: "template", message },
    ]);
  }
  const saved: Block = {
    name,
    ...input,
    builtIn: false,
    version: (found?.version ?? 0) + 1,
    updatedAt: new Date().toISOString(),
  };
  if (found === undefined) blocks.push(saved);
  else Object.assign(found, saved);
  return ok(saved, found === undefined ? 201 : 200);
}

export function fileAnswer({ files }: Platform, { method, body, query }: Call): Answer {
  if (method === "GET") return page(files, query);
  const name = /filename="([^"]*)"/.exec(body)?.[1] ?? "file";
  const file = { id: String(files.length + 10), name, contentType: "image/png", size: 4210, sha256: "cd".repeat(32) };
  files.unshift({ ...file, createdAt: new Date().toISOString() });
  return ok(files[0], 201);
}

export function settingsAnswer(platform: Platform, { method, body, request }: Call): Answer {
  const { settings } = platform;
  if (method === "GET") return ok(settings);
  if (request.headers["if-match"] !== `"${settings.version}"`) return conflict();
  const given = JSON.parse(body) as Omit<Platform["settings"], "version">;
  if (given.bounceDomain.includes(" ")) {
    const errors = [{ pointer: "/bounceDomain", code: "invalid-domain", message: "A domain has no blanks" }];
    return problem(422, "invalid-input", "The settings are not right", "See the fields.", errors);
  }
  platform.settings = { ...given, version: settings.version + 1 };
  return ok(platform.settings);
}

export function domainAnswer({ domains }: Platform, call: Call, name: string, id: string): Answer {
  if (name === "") {
    return page(
      domains.map((domain) => ({ ...domain, checks: [] })),
      call.query,
    );
  }
  const found = domains.find((each) => each.name === name);
  if (call.method === "GET") return ok(found ?? unknownDomain(name));
  if (id !== "") {
    const key = found?.keys.find((each) => each.id === id);
    if (key === undefined) return problem(404, "not-found", "There is no such key", id);
    return ok(Object.assign(key, { state: "retired", retiredAt: new Date().toISOString() }));
  }
  const domain = found ?? unknownDomain(name);
  if (found === undefined) domains.push(domain);
  const { algorithm } = JSON.parse(call.body) as Pick<DkimKey, "algorithm">;
  const selector = `envoi${domain.keys.length + 1}`;
  const value = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
  const key: DkimKey = {
    id: String(100 + domain.keys.length),
    selector,
    algorithm,
    bits: algorithm === "rsa-sha256" ? 2048 : null,
    canonicalization: "relaxed/relaxed",
    state: "active",
    createdAt: new Date().toISOString(),
    retiredAt: null,
    record: { name: `${selector}._domainkey.${name}`, type: "TXT", value, strings: [value] },
  };
  domain.keys.push(key);
  return ok(key, 201);
}

function unknownDomain(name: string): Domain {
  const missing = { expected: "an active key", found: "no key here", detail: "Make a key for this domain." };
  return { name, keys: [], checks: [{ id: "dkim", name, status: "error", ...missing }] };
}

export function unsubscriptionAnswer({ unsubscriptions }: Platform, { query }: Call): Answer {
  const address = query.get("address");
  return page(
    unsubscriptions.filter((each) => address === null || each.address === address),
    query,
  );
}
