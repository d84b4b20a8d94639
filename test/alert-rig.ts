/** What raises alerts on a real database with one delivery in progress, "Sale", of 200 messages, and who is told. */
import { expect } from "vitest";

import { type alertSettingsSchema } from "../src/contract/alerts.ts";
import { platformSettingsSchema } from "../src/contract/index.ts";
import { alertSchema } from "../src/contract/responses-alerts.ts";
import { pageOf } from "../src/contract/responses.ts";
import { ALERT_KIND_NAMES, type AlertKind, type AlertRule } from "../src/core/alert/alert-kinds.ts";
import type { Surroundings } from "../src/features/alerts/index.ts";
import { watchAlerts } from "../src/features/alerts/watch-alerts.ts";
import { createLog } from "../src/platform/log.ts";
import { seedInProgress } from "./seed-delivery.ts";
import { createTestWebApp, type TestWebApp } from "./web-app.ts";

/** Nothing outside the database gives a reason for an alert. */
export const NOTHING_AROUND: Surroundings = {
  freeBytes: () => Promise.resolve(null),
  certificate: () => Promise.resolve(null),
  dnsErrors: () => Promise.resolve([]),
};

/** Of the first look. */
export const NOW = Date.now();

type Given = Parameters<typeof alertSettingsSchema.parse>[0];

export class AlertRig {
  readonly web: TestWebApp;
  readonly delivery: number;
  private readonly log = createLog("silent", "test");

  private constructor(web: TestWebApp, delivery: number) {
    this.web = web;
    this.delivery = delivery;
  }

  static async open(): Promise<AlertRig> {
    const web = await createTestWebApp();
    const delivery = await seedInProgress(web.db, 200, 100);
    await web.db.query("update deliveries set label = 'Sale', updated_at = now()");
    return new AlertRig(web, delivery);
  }

  close(): Promise<void> {
    return this.web.close();
  }

  /** No alert, no mail, settings as they come. */
  async clear(): Promise<void> {
    await this.sql("delete from alerts");
    await this.sql("delete from notices");
    await this.set({});
  }

  readonly sql = (text: string, ...params: unknown[]) => this.web.db.query(text, params);

  async set(alerts: Given): Promise<void> {
    const settings = platformSettingsSchema.parse({ alerts });
    await this.sql(
      `insert into platform_settings (settings, updated_at) values ($1, now())
       on conflict (id) do update set settings = excluded.settings`,
      JSON.stringify(settings),
    );
  }

  /** Only this kind is watched. */
  only(kind: AlertKind, rule: AlertRule = {}): Promise<void> {
    const rules = ALERT_KIND_NAMES.map((name) => [name, name === kind ? { on: true, ...rule } : { on: false }]);
    return this.set({ rules: Object.fromEntries(rules) });
  }

  look(now = NOW, around: Partial<Surroundings> = {}) {
    const { log, web } = this;
    return watchAlerts(
      { db: web.db, log, around: { ...NOTHING_AROUND, ...around }, publicUrl: "https://envoi.example" },
      now,
      true,
    );
  }

  async alerts() {
    return (await this.web.get("/api/v1/alerts?state=open", pageOf(alertSchema))).data;
  }

  async messages(): Promise<string[]> {
    return (await this.alerts()).map(({ message }) => message);
  }

  /** Raised by one change of the database, over by another. */
  async comesAndGoes(
    kind: AlertKind,
    cause: () => Promise<unknown>,
    cure: () => Promise<unknown>,
    text: RegExp,
  ): Promise<void> {
    await this.only(kind);
    await this.look();
    expect(await this.messages()).toEqual([]);
    await cause();
    await this.look(NOW + 1);
    await this.look(NOW + 2);
    const [alert, ...more] = await this.alerts();
    expect(more).toEqual([]);
    expect(alert).toMatchObject({ kind, message: expect.stringMatching(text) });
    await cure();
    await this.look(NOW + 3);
    expect(await this.messages()).toEqual([]);
  }
}
