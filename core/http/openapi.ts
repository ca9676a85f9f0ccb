import { z } from 'zod';
import type { RouteDefinition } from '../contract/index.ts';

type JsonSchema = Record<string, unknown>;

const toJson = (schema: z.ZodType, io: 'input' | 'output'): JsonSchema => {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema;
  return json;
};

/** The routes as an OpenAPI 3.1 document: made from the same declarations that validate and type them. */
export function openApi(routes: readonly RouteDefinition[], title: string): JsonSchema {
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const route of routes) {
    const path = `/api/v1${route.path.replace(/:(\w+)/g, '{$1}')}`;
    const parameters: JsonSchema[] = [];
    for (const [place, schema] of [
      ['path', route.params],
      ['query', route.query],
    ] as const) {
      const json = schema ? toJson(schema, 'input') : undefined;
      const required = new Set((json?.required as string[] | undefined) ?? []);
      for (const [name, property] of Object.entries((json?.properties as JsonSchema | undefined) ?? {})) {
        parameters.push({
          name,
          in: place,
          required: place === 'path' || required.has(name),
          schema: property,
        });
      }
    }
    const bytes = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } };
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = {
      summary: route.summary,
      ...(parameters.length > 0 ? { parameters } : {}),
      ...(route.access === 'session' ? { security: [{ session: [] }] } : {}),
      ...(route.raw
        ? { requestBody: { content: bytes } }
        : route.body
          ? {
              requestBody: {
                required: true,
                content: { 'application/json': { schema: toJson(route.body, 'input') } },
              },
            }
          : {}),
      responses: {
        ...(route.response
          ? {
              200: {
                description: 'OK',
                content: { 'application/json': { schema: toJson(route.response, 'output') } },
              },
            }
          : { 200: { description: 'Bytes' }, 204: { description: 'Done' } }),
        default: {
          description: 'Problem details (RFC 9457)',
          content: { 'application/problem+json': { schema: { type: 'object' } } },
        },
      },
    };
  }
  return {
    openapi: '3.1.0',
    info: { title, version: '1' },
    components: {
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 'liaison' } },
    },
    paths,
  };
}
