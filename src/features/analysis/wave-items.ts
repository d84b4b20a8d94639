/** What the analysis says about waves: how large they are, and whether the last one leaves time for attempts. */
import type { ChecklistItem, Settings } from "../../contract/index.ts";
import { formatDuration } from "../../core/delivery/validity.ts";
import { leftOver, MOST_WAVES, planWaves, readWaves, type Wave } from "../../core/delivery/waves.ts";
import { HOUR, type Duration } from "../../core/time.ts";

/** Servers that make a message wait want it back within hours: less than this after the last wave is little. */
const LITTLE_TIME: Duration = 12 * HOUR;
/** Sizes of so many waves are written out. */
const SHOWN = 8;

/** None: the delivery leaves at once. Deliveries that were saved before there were waves have none. */
export function wavesOf({ waves }: Pick<Settings, "waves">, toDeliver: number): readonly Wave[] {
  return waves === undefined ? [] : planWaves(readWaves(waves), toDeliver);
}

/** `validity`: so long after the start attempts go on. */
export function waveItems(settings: Pick<Settings, "waves">, toDeliver: number, validity: Duration): ChecklistItem[] {
  const waves = wavesOf(settings, toDeliver);
  const last = waves.at(-1);
  if (settings.waves === undefined || last === undefined) return [];
  if (waves.length > MOST_WAVES) {
    return [
      item(
        "waves-too-many",
        "error",
        "The waves are too many",
        `More than ${MOST_WAVES} waves: make them larger, or give the delivery a speed`,
      ),
    ];
  }
  const rest = leftOver(readWaves(settings.waves), toDeliver);
  return [
    item("waves", "info", waves.length === 1 ? "One wave" : `${waves.length} waves`, sizesOf(waves)),
    ...lastItems(last, validity),
    ...(rest === 0
      ? []
      : [
          item(
            "waves-rest",
            "warning",
            "The last wave takes the others",
            `The sizes leave ${rest} people over; they are in the last wave, which has ${last.messages}`,
          ),
        ]),
  ];
}

function lastItems({ after }: Wave, validity: Duration): ChecklistItem[] {
  const left = validity - after;
  if (left > 0 && (left >= LITTLE_TIME || after === 0)) return [];
  const detail = `The last wave begins ${formatDuration(after)} after the start, attempts end ${formatDuration(validity)} after it`;
  return left > 0
    ? [item("waves-late", "warning", "The last wave has little time for further attempts", detail)]
    : [item("waves-validity", "error", "The last wave begins when the delivery is over", detail)];
}

function sizesOf(waves: readonly Wave[]): string {
  const words = waves
    .slice(0, SHOWN)
    .map(({ messages, after }) => `${messages} ${after === 0 ? "at the start" : `after ${formatDuration(after)}`}`);
  return [...words, ...(waves.length > SHOWN ? [`and ${waves.length - SHOWN} more`] : [])].join(", ");
}

function item(id: string, level: ChecklistItem["level"], title: string, detail: string): ChecklistItem {
  return { id, level, title, detail };
}
