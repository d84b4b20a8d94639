/** The properties of one delivery. */
import { getRouteApi } from "@tanstack/react-router";

import { Properties } from "./properties.tsx";

const route = getRouteApi("/deliveries/$id");

export function DeliveryProperties() {
  const { id } = route.useParams();
  return <Properties kind="deliveries" id={id} />;
}
