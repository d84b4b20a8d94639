/**
 * A source with line numbers, where a problem marks its line. A text field and nothing more: undo, search, spelling, screen readers and
 * phones work as everywhere. Lines are not broken, so that line 14 of a problem is line 14 here.
 */
import { type ReactNode, type RefObject, useId, useRef } from "react";

import css from "./code-area.module.css";
import { countLines } from "./text-place.ts";

type Props = {
  value: string;
  onChange: (value: string) => void;
  label: string;
  rows?: number;
  readOnly?: boolean;
  /** Told below the field. */
  error?: ReactNode;
  /** Lines with a problem. */
  marked?: readonly number[];
  fieldRef?: RefObject<HTMLTextAreaElement | null>;
  /** `data-field`: what refusals and insertions name the field by. */
  name?: string;
};

export function CodeArea(props: Props) {
  const { value, onChange, label, rows = 18, readOnly = false, error, marked = [], fieldRef, name } = props;
  const gutter = useRef<HTMLDivElement>(null);
  const errorId = useId();
  const invalid = (error !== undefined && error !== null) || marked.length > 0;
  const lines = countLines(value);
  return (
    <div>
      <div
        className={css["frame"]}
        data-invalid={invalid || undefined}
        style={{ "--gutter": `calc(${Math.max(2, String(lines).length)}ch + 18px)` } as never}
      >
        <div className={css["gutter"]} ref={gutter} aria-hidden>
          <pre className={css["numbers"]}>{Array.from({ length: lines }, (_, index) => index + 1).join("\n")}</pre>
          {[...new Set(marked)].map((line) => (
            <span key={line} className={css["mark"]} style={{ "--line": line } as never}>
              {line}
            </span>
          ))}
        </div>
        <textarea
          ref={fieldRef}
          className={css["text"]}
          value={value}
          rows={rows}
          readOnly={readOnly}
          aria-label={label}
          aria-invalid={invalid || undefined}
          aria-describedby={error === undefined ? undefined : errorId}
          data-field={name}
          spellCheck={false}
          autoCapitalize="off"
          wrap="off"
          onChange={(event) => onChange(event.currentTarget.value)}
          onScroll={(event) => {
            if (gutter.current !== null) gutter.current.scrollTop = event.currentTarget.scrollTop;
          }}
        />
      </div>
      {error !== undefined && (
        <p id={errorId} className={css["error"]}>
          {error}
        </p>
      )}
    </div>
  );
}
