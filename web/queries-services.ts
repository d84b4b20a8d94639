/** Services and subscriptions to them in the cache. */
import type {
  RecipientSubscriptions,
  Service,
  ServiceMail,
  Subscription,
  SubscriptionState,
} from "../src/contract/services.ts";
import { one, pages } from "./queries.ts";

export const SERVICES_KEY = ["services"] as const;
export const servicesQuery = pages<Service>([...SERVICES_KEY, "list"], "/services");
export const servicePath = (id: string) => `/services/${encodeURIComponent(id)}`;
export const serviceQuery = (id: string) => one<Service>([...SERVICES_KEY, "one", id], servicePath(id));
export const subscribersQuery = (id: string, state: SubscriptionState | undefined) =>
  pages<Subscription>([...SERVICES_KEY, "people", id], `${servicePath(id)}/subscriptions`, { state });
export const serviceMailsQuery = (id: string) =>
  pages<ServiceMail>([...SERVICES_KEY, "mails", id], `${servicePath(id)}/mails`);
export const subscriptionsOfQuery = (recipient: string) =>
  one<RecipientSubscriptions>(
    [...SERVICES_KEY, "of", recipient],
    `/recipients/${encodeURIComponent(recipient)}/subscriptions`,
  );
