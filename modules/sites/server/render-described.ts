import type { DescribedSite } from './load-deployment.ts';
import { furtherSecrets, withFurtherServices } from './operate/further.ts';
import { type RenderedSite, renderSite } from './render/render-site.ts';

/** A site's files with the services in them that were added by command; see `renderSite`. */
export function renderDescribed(
  { deployment, site, state }: DescribedSite,
  secretMark: (name: string) => string,
): RenderedSite {
  const rendered = renderSite(deployment, site, secretMark);
  if (rendered.main !== 'stack.yaml') return rendered;
  const yaml = withFurtherServices({
    yaml: rendered.files.get(rendered.main) ?? '',
    stack: rendered.name,
    site,
    services: state.services,
    secretMark,
  });
  return {
    ...rendered,
    files: new Map([...rendered.files, [rendered.main, yaml]]),
    secrets: [...new Set([...rendered.secrets, ...furtherSecrets(state.services)])],
    services: rendered.services + Object.keys(state.services).length,
  };
}
