/** Properties of deliveries that say to whom, when and with whose consent. The list goes on in `properties.ts`. */
import { duration, type PropertyTree, shape } from "./property.ts";

export const RULE_SETTINGS = {
  typology: {
    group: "typology",
    type: { kind: "id", of: "typology" },
    otherwise: "the platform's default typology",
    acts: "the rules that the analysis goes by",
  },
  exclude: {
    group: "typology",
    type: shape("exclude"),
    default: [],
    acts: "who of the target gets no message, as `excluded-by-rule`",
  },
  service: {
    group: "typology",
    type: { kind: "id", of: "service" },
    otherwise: "of none: whoever unsubscribes wants no mail at all",
    acts: "the service that it belongs to: unsubscribing leaves that alone, and who left it gets nothing, as `denylisted`",
  },
  weight: {
    group: "typology",
    type: { kind: "number", least: 0, most: 1000 },
    default: 5,
    acts: "of deliveries planned for the same people, the heavier goes first by pressure rules",
  },
  plannedFor: {
    group: "typology",
    type: { kind: "instant" },
    otherwise: "the moment of the analysis",
    acts: "the day around which pressure and capacity rules count",
  },
  population: {
    duplicates: {
      group: "typology",
      type: { kind: "choice", options: ["exclude", "keep"] },
      default: "exclude",
      acts: "`keep`: who is in the imported file several times gets as many messages",
    },
    maxErrors: {
      group: "typology",
      type: { kind: "number", least: 0, most: 100 },
      otherwise: "quarantine alone decides",
      acts: "addresses with more errors in a row get nothing, as `bad-quality`",
    },
    quality: {
      group: "typology",
      type: shape("quality"),
      otherwise: "all",
      acts: "whose number in an attribute is less, or who have none, get nothing, as `bad-quality`",
    },
    weights: {
      group: "typology",
      type: shape("weights"),
      otherwise: "the same for all",
      acts: "the weight for each person: a number of theirs, or by segments; `weight` for whoever has none",
    },
    limit: {
      group: "typology",
      type: shape("limit"),
      otherwise: "all",
      acts: "so many get a message at most, at random or by an attribute; the others are `size-limited`",
    },
    control: {
      group: "typology",
      type: shape("control"),
      otherwise: "nobody",
      acts: "the control group: left out on purpose, as `control-address`",
    },
    seeds: {
      group: "typology",
      type: shape("seeds"),
      otherwise: "none",
      acts: "seed addresses that are mixed in and counted nowhere",
    },
    shuffle: {
      group: "typology",
      type: { kind: "text", least: 1, most: 100 },
      otherwise: "the delivery's id",
      acts: "what chance begins with: the same text chooses the same people",
    },
  },
  waves: {
    group: "delivery",
    type: shape("waves"),
    otherwise: "all at once",
    acts: "leaves in portions: `equal`, `size` (a number or `30%`) `every` so long, or by `calendar`",
  },
  approval: {
    mode: {
      group: "approval",
      type: { kind: "choice", options: ["manual", "semi-automatic", "automatic"] },
      default: "manual",
      acts: "`semi-automatic`: starts by itself after an analysis without warnings; `automatic`: with warnings too; errors always hold it",
    },
    target: {
      group: "approval",
      type: shape("reviewers"),
      otherwise: "nobody is asked",
      acts: "who approves the target; lapses with the next analysis",
    },
    content: {
      group: "approval",
      type: shape("reviewers"),
      otherwise: "nobody is asked",
      acts: "who approves the content; lapses when it is changed",
    },
    start: {
      group: "approval",
      type: shape("reviewers"),
      otherwise: "nobody is asked",
      acts: "who approves the start; lapses with the next analysis",
    },
    deadline: {
      group: "approval",
      type: duration,
      default: "3d",
      acts: "decisions are wanted so long after they were asked for; reminders go out before and then",
    },
    starters: {
      group: "approval",
      type: shape("starters"),
      otherwise: "whoever may start deliveries",
      acts: "who, of those, may start this one",
    },
  },
} as const satisfies PropertyTree;
