/**
 * Prometheus metrics of this process: Node's own, the HTTP durations, and gauges that features read from the database
 * at the moment of a scrape. One registry per process, made by main.
 */
import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

type Sample = { readonly labels: Readonly<Record<string, string>>; readonly value: number };

export type Metrics = {
  readonly contentType: string;
  observeRequest(method: string, route: string, status: number, seconds: number): void;
  /** A gauge whose samples are read at each scrape; labels that are gone disappear. */
  gauge(name: string, help: string, labels: readonly string[], read: () => Promise<readonly Sample[]>): void;
  render(): Promise<string>;
};

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: "envoi_http_request_duration_seconds",
    help: "Time to answer an HTTP request, by route",
    labelNames: ["method", "route", "status"],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5],
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    observeRequest: (method, route, status, seconds) =>
      requests.observe({ method, route, status: String(status) }, seconds),
    gauge(name, help, labels, read) {
      const gauge: Gauge = new Gauge({
        name,
        help,
        labelNames: [...labels],
        registers: [registry],
        collect: async () => {
          const samples = await read();
          gauge.reset();
          for (const sample of samples) gauge.set(sample.labels, sample.value);
        },
      });
    },
    render: () => registry.metrics(),
  };
}
