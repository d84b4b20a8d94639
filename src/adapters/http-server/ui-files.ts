/** The built UI: files with a hash in their name are kept by browsers for good, its page is asked for each time. */
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { existsSync } from "node:fs";
import { join, sep } from "node:path";

export type UiFiles = { readonly dir: string };

export async function serveUiFiles(app: FastifyInstance, ui: UiFiles): Promise<void> {
  if (!existsSync(ui.dir)) return;
  await app.register(fastifyStatic, {
    root: ui.dir,
    index: ["index.html"],
    wildcard: true,
    cacheControl: false,
    // The build leaves `.br` and `.gz` beside its files.
    preCompressed: true,
    setHeaders: (reply, path) => {
      const hashed = path.startsWith(join(ui.dir, "assets") + sep);
      reply.header("cache-control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
}

/** For the paths that the UI routes itself (`/deliveries/12`). */
export function sendUiPage(ui: UiFiles) {
  return (_request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (reply.sendFile && existsSync(join(ui.dir, "index.html"))) return reply.sendFile("index.html", ui.dir);
    return reply
      .type("text/plain; charset=utf-8")
      .send("The pages are not built: npm run build:ui. The API is at /api/docs.\n");
  };
}
