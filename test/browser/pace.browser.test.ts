/** How a delivery is sent: its fields in the editor, its plan, why it is slow, speed and priority while it runs. */
import { expect, test } from "vitest";

import { describeInBrowser } from "./browser.ts";

describeInBrowser("plan and pace", (world) => {
  const plan = () => world.page.getByRole("table", { name: "Plan" });
  const bodyOf = async (method: string, act: () => Promise<void>) => {
    const [request] = await Promise.all([world.page.waitForRequest((each) => each.method() === method), act()]);
    return request.postDataJSON();
  };

  test("the fields of sending; what is left empty is not sent", async () => {
    await world.go("/deliveries/9/content");
    await world.page.getByText("Attempts for 5d").click();
    await world.page.getByText("In fact 84h: the platform lets no delivery try longer.").waitFor();
    await world.page.getByLabel("Pool", { exact: true }).selectOption("statements");
    await world.page.getByLabel("Priority", { exact: true }).selectOption({ label: "High" });
    await world.page.getByLabel("Messages an hour, at most").fill("20000");
    await world.page.getByLabel("Validity", { exact: true }).fill("2d");
    await world.page.getByText("In fact 84h").waitFor({ state: "detached" });
    await world.page.getByLabel("Retries", { exact: true }).selectOption({ label: "Fixed schedule" });
    await world.page.getByLabel("Retries on the first day").fill("8");
    await world.page.getByLabel("At least this long apart").fill("30m");
    const { settings } = await bodyOf("PATCH", () =>
      world.page.getByRole("button", { name: "Save and analyse" }).click(),
    );
    expect(settings).toMatchObject({
      pool: "statements",
      priority: "high",
      speed: 20_000,
      validity: "2d",
      retries: { mode: "fixed", count: 8, period: "30m" },
      mode: "live",
    });
    expect(settings).not.toHaveProperty("dsn");
  });

  test("a test that delivers nothing says so: in the editor, in the question, on its pages", async () => {
    await world.go("/deliveries/9/content");
    await world.page.getByText("Attempts for 5d").click();
    await world.page.getByLabel("Mode", { exact: true }).selectOption({ label: "Test SMTP" });
    await world.page.getByText("then RSET: nothing is delivered").waitFor();
    await world.page.getByRole("button", { name: "Save and analyse" }).click();
    await world.page.getByRole("button", { name: "Test with 95,188 recipients" }).click();
    const dialog = world.page.getByRole("dialog", { name: /in the mode Test SMTP\?/ });
    await dialog.getByText("nothing is delivered").waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await world.go("/deliveries/7");
    await world.page.getByRole("status").filter({ hasText: "Test SMTP" }).getByText("nothing is delivered").waitFor();
    expect(await world.page.getByText("Test SMTP", { exact: true }).count()).toBe(2);
  });

  test("why it is slow: the sentence, and lanes that are doors", async () => {
    await world.go("/deliveries/12");
    const why = world.page.getByRole("region", { name: "Why is it slow?" });
    await why.getByText("Most messages wait for google, which takes 12,000 an hour").waitFor();
    expect(await why.getByRole("listitem").count()).toBe(3);
    await why.getByRole("listitem").nth(1).getByText("9,120 messages wait").waitFor();
    await why.getByRole("link", { name: "outlook · out1" }).click();
    await world.page.waitForURL(/\/sending\?provider=outlook&source=out1&lane=b+$/);
    await world.page.getByRole("complementary", { name: "outlook · out1" }).waitFor();
    await world.go("/deliveries/8");
    await plan().waitFor();
    expect(await why.count()).toBe(0);
  });

  test("the plan: what ends last first, what binds, what comes too late; made again on demand", async () => {
    await world.go("/deliveries/12");
    await expect
      .poll(() => plan().locator("[data-row-link]").allTextContents())
      .toEqual(["gmx", "google", "outlook", "other"]);
    await plan().locator("tbody tr").first().getByText("2,688 late").waitFor();
    await plan().locator("tbody tr").first().getByText("Warm-up of out2 at gmx").waitFor();
    await world.page.getByText("2,688 messages will not leave before the end of the validity period").waitFor();
    await world.page.getByRole("button", { name: "Plan again" }).click();
    await world.page.getByText(/41,512 messages, from/).waitFor();
    await world.page.getByText(/Of what is left now, made/).waitFor();
    await world.page.getByRole("button", { name: "Show the plan it began with" }).click();
    await world.page.getByText(/95,188 messages, from/).waitFor();
  });

  test("once it is over, real stands beside planned, and nothing is planned any more", async () => {
    await world.go("/deliveries/8");
    await plan().getByText("Real end").waitFor();
    await world.page.getByText(/94,020 messages, from/).waitFor();
    await plan().locator("tbody tr").first().getByText("45,000").waitFor();
    expect(await world.page.getByRole("button", { name: "Plan again" }).count()).toBe(0);
  });

  test("speed and priority change while it runs; empty is as fast as limits let", async () => {
    await world.go("/deliveries/12");
    const change = world.page.getByRole("button", { name: "Change speed and priority" });
    await change.click();
    const dialog = world.page.getByRole("dialog", { name: "Speed and priority" });
    await dialog.getByLabel("Messages an hour, at most").fill("9000");
    await dialog.getByLabel("Priority").selectOption({ label: "Very high" });
    expect(await bodyOf("POST", () => dialog.getByRole("button", { name: "Change" }).click())).toEqual({
      speed: 9000,
      priority: "very-high",
    });
    await world.page.getByText("9,000 messages/h").waitFor();
    await change.click();
    await dialog.getByLabel("Messages an hour, at most").fill("");
    expect(await bodyOf("POST", () => world.page.keyboard.press("Enter"))).toEqual({
      speed: null,
      priority: "very-high",
    });
    await world.page.getByText("as fast as limits let").waitFor();
    expect(world.fixture.calls.filter((call) => call.includes("/actions/"))).toEqual(
      Array.from({ length: 2 }, () => "POST /deliveries/12/actions/pace"),
    );
  });
});
