/** Whom a delivery names and whom it leaves out, as the form holds them. */
import type { CreateDelivery, Settings } from "../../../src/contract/index.ts";

type Audience = CreateDelivery["audience"];
export type ExclusionRule = Settings["exclude"][number];

/** `kept`: what this screen cannot edit, and leaves as it is. */
export type AudienceKind = "all" | "segment" | "list" | "import" | "file" | "kept";
export type AudienceDraft = { audience: AudienceKind; audienceId: string; audienceKept: Audience | null };

export function audienceDraft(audience: Audience): AudienceDraft {
  const named = (kind: AudienceKind, id: string): AudienceDraft => ({
    audience: kind,
    audienceId: id,
    audienceKept: null,
  });
  if ("all" in audience) return named("all", "");
  if ("import" in audience) return named("import", audience.import);
  if ("list" in audience) return named("list", audience.list);
  if ("file" in audience) return named("file", audience.file);
  if ("segment" in audience && typeof audience.segment === "string") return named("segment", audience.segment);
  return { audience: "kept", audienceId: "", audienceKept: audience };
}

export function audienceOf({ audience, audienceId, audienceKept }: AudienceDraft): Audience {
  switch (audience) {
    case "all":
      return { all: true };
    case "list":
      return { list: audienceId };
    case "import":
      return { import: audienceId };
    case "file":
      return { file: audienceId };
    case "segment":
      return { segment: audienceId };
    case "kept":
      if (audienceKept === null) throw new Error("a kept audience is there");
      return audienceKept;
  }
}

/** A rule that can be chosen here, as one word: `segment 4`; null: one that only the API sets. */
export function ruleKey(rule: ExclusionRule): string | null {
  if ("list" in rule) return `list ${rule.list}`;
  if ("import" in rule) return `import ${rule.import}`;
  return "segment" in rule && typeof rule.segment === "string" ? `segment ${rule.segment}` : null;
}

export function ruleOf(key: string): ExclusionRule | null {
  const [kind = "", id = ""] = key.split(" ");
  if (kind === "list") return { list: id };
  if (kind === "import") return { import: id };
  return kind === "segment" ? { segment: id } : null;
}
