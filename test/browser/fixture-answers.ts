/** What the stand-in answers: the endpoints of the contract over data in memory. No rule of the product lives here. */
import {
  type CreateDelivery,
  type Delivery,
  type NewDelivery,
  type LogLine,
  settingsSchema,
} from "../../src/contract/index.ts";
import { type Answer, type Call, ok, page, problem } from "./fixture-answer.ts";
import { archiveAnswer, makeArchive } from "./fixture-archive.ts";
import { bouncesAnswer, makeBounces } from "./fixture-bounces.ts";
import { linksOf, previewsOf, problemsOf, trackingOf } from "./fixture-content.ts";
import {
  CHECKLIST,
  deliveryOf,
  destinationsOf,
  EXCLUSIONS,
  IMPORT_ERRORS,
  makeDeliveries,
  makeEvents,
  makeImports,
  liveOf,
  NOTHING,
  type Stored,
  summaryOf,
} from "./fixture-data.ts";
import {
  blockAnswer,
  domainAnswer,
  fileAnswer,
  makePlatform,
  settingsAnswer,
  unsubscriptionAnswer,
} from "./fixture-platform.ts";
import { inboundAnswer, mailboxAnswer, makeInbound } from "./fixture-inbound.ts";
import { detailOf, makeInbox, makeLog } from "./fixture-messages.ts";
import { allowlistAnswer, makeQuarantine, quarantineAnswer } from "./fixture-quarantine.ts";
import { installationAnswer, retentionAnswer } from "./fixture-retention.ts";
import { tellingAnswer } from "./fixture-telling.ts";
import { makeRules, rulesAnswer } from "./fixture-rules.ts";
import { constraintOf, paced, planAnswer } from "./fixture-plans.ts";
import { foldersAnswer, propertiesAnswer } from "./fixture-properties.ts";
import { makeSending } from "./fixture-sending.ts";
import { sendingAnswer } from "./fixture-sending-answers.ts";
import { fillIn, makeTemplates, saveAsTemplate, templateAnswer } from "./fixture-templates.ts";

export const TOKEN = "fixture-token";
export const COOKIE = "envoi_session=signed-in";
export function makeWorld(empty: boolean) {
  return {
    deliveries: empty ? [] : makeDeliveries(),
    events: makeEvents(),
    log: empty ? [] : makeLog(),
    imports: empty ? [] : makeImports(),
    inbox: empty ? [] : makeInbox(),
    quarantine: makeQuarantine(empty),
    inbound: makeInbound(empty),
    platform: makePlatform(empty),
    templates: makeTemplates(empty),
    archive: makeArchive(empty),
    rules: makeRules(empty),
    bounces: makeBounces(empty),
    sending: makeSending(empty),
  };
}
type World = ReturnType<typeof makeWorld>;

export function answer(world: World, call: Call): Answer {
  const [, resource = "", id = "", part = "", verb = ""] = call.path.split("/").map(decodeURIComponent);
  switch (resource) {
    case "deliveries":
      return id === "" ? deliveriesAnswer(world, call) : deliveryAnswer(world, call, id, part, verb);
    case "approvals":
      return page([], call.query);
    case "messages":
      return messageAnswer(world, id, part);
    case "imports":
      return importAnswer(world, call, id, part);
    case "blocks":
      return blockAnswer(world.platform, call, id);
    case "templates":
      return templateAnswer(world.templates, call, id, verb);
    case "folders":
      return foldersAnswer(call);
    case "files":
      return fileAnswer(world.platform, call);
    case "installation":
      return installationAnswer();
    case "retention":
      return retentionAnswer();
    case "alerts":
    case "webhooks":
      return tellingAnswer(call.path) ?? problem(404, "not-found", "There is no such resource", call.path);
    case "settings":
      return settingsAnswer(world.platform, call);
    case "domains":
      return domainAnswer(world.platform, call, id, verb);
    case "archive":
    case "archives":
      return archiveAnswer(world.archive, call);
    case "mx-rules":
    case "providers":
      return rulesAnswer(world.rules, call);
    case "reply-texts":
    case "bounce-rules":
    case "requalifications":
      return bouncesAnswer(world.bounces, call);
    case "lanes":
    case "shaping-events":
    case "sources":
    case "pools":
    case "warm-up":
      return sendingAnswer(world.sending, call);
    case "unsubscriptions":
      return unsubscriptionAnswer(world.platform, call);
    case "recipients":
      return page(world.log.slice(0, 20).map(recipientOf), call.query);
    case "sandbox":
      return sandboxAnswer(world, call, part);
    case "quarantine":
      return quarantineAnswer(world.quarantine, call);
    case "allowlist":
      return allowlistAnswer(world.quarantine, call);
    case "inbound-mails":
      return inboundAnswer(world.inbound, call);
    case "mailboxes":
      return mailboxAnswer(world.inbound, call);
    default:
      return problem(404, "not-found", "There is no such resource", call.path);
  }
}

function deliveriesAnswer(world: World, { method, body, query }: Call): Answer {
  if (method === "GET") return page(world.deliveries.map(summaryOf), query);
  const given = fillIn(world.templates, JSON.parse(body) as NewDelivery) as CreateDelivery;
  const errors = refusals(given);
  if (errors.length > 0) return problem(422, "invalid-input", "The delivery is not complete", "See the fields", errors);
  const id = String(20 + world.deliveries.length);
  const { template: templateId = null, label: _label, folder = null, content, sender, audience } = given;
  const made = deliveryOf(id, given.label, "editing", {
    folder,
    content,
    sender,
    audience,
    templateId,
    version: 1,
    analysed: false,
  });
  const next = { ...made, settings: settingsSchema.parse(given.settings) };
  world.deliveries.unshift({ delivery: next, indicators: NOTHING, onWire: 0, rate: null });
  return ok(withProblems(next), 201);
}

function refusals(given: CreateDelivery): unknown[] {
  const errors: unknown[] = [];
  if (given.label === "") errors.push({ pointer: "/label", code: "too_small", message: "A delivery needs a label" });
  if (!given.sender.address.includes("@")) {
    errors.push({ pointer: "/sender/address", code: "invalid-address", message: "No @ in the address" });
  }
  if (given.content.html?.includes("{% fi %}") === true) {
    errors.push({ pointer: "/content/html", code: "template-syntax", message: "line 2, column 4: unknown tag fi" });
  }
  return errors;
}

function deliveryAnswer(world: World, call: Call, id: string, part: string, verb: string): Answer {
  const stored = world.deliveries.find((each) => each.delivery.id === id);
  if (stored === undefined)
    return problem(404, "not-found", "There is no such delivery", `No delivery has the id ${id}.`);
  const { delivery } = stored;
  switch (part) {
    case "":
      if (call.method === "PATCH") {
        if (call.request.headers["if-match"] !== `"${delivery.version}"`) {
          return problem(412, "version-conflict", "Somebody else has changed it", "Read it again.");
        }
        Object.assign(delivery, JSON.parse(call.body), {
          version: delivery.version + 1,
          analysed: false,
          state: "editing",
        });
      }
      return ok(withProblems(delivery));
    case "properties":
      return propertiesAnswer(delivery, call);
    case "indicators":
      return ok({ ...liveOf(stored), ...trackingOf(delivery, stored.indicators.sent), newQuarantines: 17 });
    case "links":
      return problemsOf(delivery).length > 0
        ? problem(422, "invalid-input", "The content has errors", "See the places.")
        : ok({ data: linksOf(delivery) });
    case "preview":
      return ok({ data: previewsOf(delivery, JSON.parse(call.body) as Record<string, unknown>) });
    case "destinations":
      return ok({ data: destinationsOf(stored) });
    case "plan":
      return planAnswer(call, delivery);
    case "constraint":
      return ok(constraintOf(world.sending));
    case "additions":
      return page([], call.query);
    case "checklist":
      return ok({ ...CHECKLIST, analysed: delivery.analysed });
    case "audit":
      return page(world.events, call.query);
    case "exclusions": {
      const reason = call.query.get("reason");
      return page(
        EXCLUSIONS.filter((each) => reason === null || each.reason === reason),
        call.query,
      );
    }
    case "messages":
      return page(logOf(world, call.query), call.query);
    case "actions":
      if (verb === "pace") return paced(delivery, call.body);
      return verb === "save-as-template" ? saveAsTemplate(world.templates, delivery, call.body) : act(stored, verb);
    default:
      return problem(404, "not-found", "There is no such resource", call.path);
  }
}

const withProblems = (delivery: Delivery): Delivery => ({ ...delivery, contentProblems: problemsOf(delivery) });

const recipientOf = ({ recipient, key }: LogLine) => ({
  id: key,
  address: recipient,
  attributes: { first_name: "Ada", city: "Lyon", town: "Lyon" },
});

function logOf(world: World, query: URLSearchParams) {
  const [status, reason, domain, recipient] = ["status", "reason", "domain", "recipient"].map((name) =>
    query.get(name),
  );
  return world.log.filter(
    (line) =>
      (!status || line.status === status) &&
      (!reason || line.reason === reason) &&
      (!domain || line.recipient.endsWith(`@${domain}`)) &&
      (!recipient || line.recipient.includes(recipient)),
  );
}

function act(stored: Stored, verb: string): Answer {
  const { delivery, onWire } = stored;
  const [from, to] = {
    analyse: [["editing", "ready"], "ready"],
    confirm: [["ready"], "in-progress"],
    pause: [["in-progress"], "paused"],
    resume: [["paused"], "in-progress"],
    stop: [["in-progress", "pausing", "paused"], "stopped"],
  }[verb] as [string[], Stored["delivery"]["state"]];
  if (!from.includes(delivery.state)) {
    const title = `A delivery that is ${delivery.state} cannot ${verb}`;
    return { ...problem(409, "action-not-allowed", title, "Look at its state."), headers: {} };
  }
  Object.assign(delivery, { state: to, holdReason: null });
  if (verb === "analyse") Object.assign(delivery, { analysed: true, analysedAt: new Date().toISOString() });
  return ok(verb === "pause" || verb === "stop" ? { ...delivery, onWire } : delivery, 202);
}

function messageAnswer(world: World, key: string, part: string): Answer {
  const line = world.log.find((each) => each.key === key);
  if (line === undefined)
    return problem(404, "not-found", "There is no such message", `No message has the key ${key}.`);
  if (part === "mirror") {
    return { status: 200, text: "<h1>Spring is here</h1>", headers: { "content-type": "text/html" } };
  }
  if (part !== "source") return ok(detailOf(line));
  const text = `From: Shop <news@shop.example>\r\nTo: ${line.recipient}\r\nSubject: Spring is here, Ada\r\n\r\nSpring is here.\r\n`;
  return { status: 200, text, headers: { "content-type": "message/rfc822", "envoi-digest": digestOf(line.status) } };
}

const digestOf = (status: LogLine["status"]): string =>
  status === "pending" ? "none" : status === "failed" ? "differs" : "match";

function importAnswer(world: World, call: Call, id: string, part: string): Answer {
  if (call.method === "POST") {
    const fileName = /filename="([^"]*)"/.exec(call.body)?.[1] ?? "file.csv";
    const [like] = makeImports().slice(1);
    if (like === undefined) throw new Error("no import to copy");
    world.imports.unshift({ ...like, id: String(10 + world.imports.length), fileName, status: "running" });
    return ok(world.imports[0], 202);
  }
  if (id === "") return page(world.imports, call.query);
  const found = world.imports.find((each) => each.id === id);
  if (found === undefined) return problem(404, "not-found", "There is no such import", id);
  if (part === "errors") return page(IMPORT_ERRORS, call.query);
  if (found.status === "running") found.status = "completed";
  return ok(found);
}

function sandboxAnswer(world: World, { query }: Call, id: string): Answer {
  const recipient = query.get("recipient");
  if (id === "")
    return page(
      world.inbox.filter((each) => recipient === null || each.rcptTo.includes(recipient)),
      query,
    );
  const message = world.inbox.find((each) => each.id === id);
  if (message === undefined) return problem(404, "not-found", "There is no such message", id);
  const headers = [
    { name: "From", value: "Shop <news@shop.example>" },
    { name: "To", value: message.rcptTo },
    {
      name: "DKIM-Signature",
      value: "v=1; a=rsa-sha256; c=relaxed/relaxed; d=shop.example; s=envoi; h=From:To:Subject",
    },
  ];
  const html = `<h1 style="font-family:Georgia">Spring is here</h1><p>Hello.</p><img src="/api/v1/open.gif" alt=""><script>document.body.append("a script ran")</script>`;
  return ok({
    ...message,
    html,
    text: "Spring is here\n\nHello.",
    headers,
    raw: "From: Shop <news@shop.example>\n\nHello.",
  });
}
