/** Events of shaping where there is little room: each under the other. */
import type { ShapingEventAnswer } from "../../../src/contract/shaping.ts";
import { When } from "../../parts/when.tsx";
import { EventAbout, EventCause, EventEffect, EventEnd, EventKind } from "./event-parts.tsx";
import css from "./sending.module.css";

export function EventList({ events }: { events: readonly ShapingEventAnswer[] }) {
  return (
    <ol className={css["events"]}>
      {events.map((event) => (
        <li key={event.id} className={css["event"]} data-event={event.id}>
          <div className={css["eventHead"]}>
            <EventKind event={event} />
            <EventEffect event={event} />
            <span className={css["at"]}>
              <When iso={event.at} />
            </span>
          </div>
          <EventAbout event={event} />
          <div className={css["eventFoot"]}>
            <span className="muted">
              <EventCause event={event} />
            </span>
            <EventEnd event={event} />
          </div>
        </li>
      ))}
    </ol>
  );
}
