/** A reply text; what varies from reply to reply stands back. Others wrote it: its direction stays its own. */
import css from "./reply-texts.module.css";
import { partsOf } from "./view-model.ts";

export function NormalisedText({ text }: { text: string }) {
  return (
    <bdi>
      {partsOf(text).map((part, index) =>
        part.varies ? (
          <span key={index} className={css["varies"]}>
            {part.text}
          </span>
        ) : (
          part.text
        ),
      )}
    </bdi>
  );
}
