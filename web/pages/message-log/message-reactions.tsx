/** What happened to one message after it was sent: opens, clicks, visits; newest first, with who it was as far as that can be known. */
import {
  IconArchive,
  IconBrowser,
  IconClick,
  IconEye,
  IconMailForward,
  IconMailOff,
  IconRobot,
  IconShieldLock,
  IconUser,
  type Icon,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { Reaction, ReactionClass } from "../../../src/contract/index.ts";
import { Badge } from "../../parts/badge.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import css from "./message.module.css";

const KIND_ICON: Record<Reaction["kind"], Icon> = {
  open: IconEye,
  click: IconClick,
  mirror: IconBrowser,
  "opt-out": IconMailOff,
};
const CLASS_ICON: Record<ReactionClass, Icon> = {
  person: IconUser,
  "privacy-proxy": IconShieldLock,
  "mail-proxy": IconMailForward,
  scanner: IconRobot,
  archive: IconArchive,
};

export function MessageReactions({ reactions }: { reactions: readonly Reaction[] }) {
  const { t } = useTranslation();
  if (reactions.length === 0) return <p className="muted">{t("message.noReactions")}</p>;
  return (
    <ol className={css["timeline"]}>
      {reactions.map((reaction, index) => (
        <Entry key={index} reaction={reaction} />
      ))}
    </ol>
  );
}

function Entry({ reaction }: { reaction: Reaction }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const Glyph = KIND_ICON[reaction.kind];
  const { link } = reaction;
  return (
    <li className={css["entry"]} data-machine={reaction.class !== "person" || undefined}>
      <span className={css["glyph"]}>
        <Glyph size={16} stroke={2} aria-hidden />
      </span>
      <div className={css["entryBody"]}>
        <p className={css["entryHead"]}>
          <b>{t(`reaction.${reaction.kind}`)}</b>
          <Badge
            // Machines are left out of the figures of people; a person has no state to show.
            tone={reaction.class === "person" ? null : "excluded"}
            icon={CLASS_ICON[reaction.class]}
            word={t(`reactionClass.${reaction.class}`)}
            title={t(`reactionClassMeaning.${reaction.class}`)}
          />
          <span className={css["at"]}>
            {formats.clock(reaction.at)} · <When iso={reaction.at} />
          </span>
        </p>
        {link !== null && (
          <p className={css["url"]}>
            {t("links.number")} {link.number} {link.label !== "" && <b>{link.label} </b>}
            <span className="mono">{link.url}</span>
          </p>
        )}
        {reaction.userAgent !== "" && <p className={css["agent"]}>{reaction.userAgent}</p>}
      </div>
    </li>
  );
}
