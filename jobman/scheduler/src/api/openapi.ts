import type { App } from "./app.ts";

/** Serves the OpenAPI document, which is made from the routes' own schemas when it is first asked for. */
export function addOpenApiRoute(
  app: App,
  options: { readonly version: string; readonly addRoutes: (app: App) => void; readonly makeApp: () => App },
): void {
  let document: Promise<unknown> | undefined;
  app.get("/v1/openapi.json", () => {
    document ??= makeDocument(options);
    return document;
  });
}

// The generator is large and rarely needed: it is loaded on demand, and gone when the document is made.
async function makeDocument(options: {
  readonly version: string;
  readonly addRoutes: (app: App) => void;
  readonly makeApp: () => App;
}): Promise<unknown> {
  const { default: swagger } = await import("@fastify/swagger");
  const { jsonSchemaTransform } = await import("fastify-type-provider-zod");
  const app = options.makeApp();
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "jobman", description: "A batch queue for workstations", version: options.version },
    },
    transform: jsonSchemaTransform,
  });
  // Routes are seen by the generator only from behind its own start on.
  app.after(() => options.addRoutes(app));
  await app.ready();
  const document = app.swagger();
  await app.close();
  return document;
}
