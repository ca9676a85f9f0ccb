import type { Deployment, Site } from '../../contract/index.ts';
import { renderCompose } from './compose.ts';
import { renderSwarm } from './swarm.ts';
import { toYaml } from './yaml.ts';

export interface RenderedSite {
  /** Of the stack or project. */
  readonly name: string;
  /** The file that is deployed. */
  readonly main: 'stack.yaml' | 'compose.yaml';
  /** Content by path; values of secrets are in none. */
  readonly files: ReadonlyMap<string, string>;
  readonly secrets: readonly string[];
  /** Labels that nodes need, by node. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
  readonly services: number;
}

/** A site as the files that its orchestrator takes; `secretMark` as in `renderSwarm`. */
export function renderSite(
  deployment: Deployment,
  site: Site,
  secretMark: (name: string) => string,
): RenderedSite {
  const heading = `${deployment.name}, site ${site.id}: written from its description by \`npm run liaison -- site render\`.\nChange the description and not this file: what is changed here is refused the next time.`;
  if (site.runs === 'compose') {
    const { compose, configs, purposes, name, secrets } = renderCompose(deployment, site);
    return {
      name,
      main: 'compose.yaml',
      files: filesOf('compose.yaml', toYaml(compose, { heading, notes: purposes }), configs),
      secrets,
      labels: new Map(),
      services: purposes.size,
    };
  }
  const { stack, configs, purposes, name, secrets, labels } = renderSwarm(deployment, site, secretMark);
  return {
    name,
    main: 'stack.yaml',
    files: filesOf('stack.yaml', toYaml(stack, { heading, notes: purposes }), configs),
    secrets,
    labels,
    services: purposes.size,
  };
}

const filesOf = (main: string, yaml: string, configs: ReadonlyMap<string, string>): Map<string, string> =>
  new Map([[main, yaml], ...[...configs].map(([name, content]) => [`configs/${name}`, content] as const)]);
