export { type FilePlan, planFolder, writeFolder } from './folder.ts';
export type { LineChange } from './line-changes.ts';
export { type LoadedDeployment, loadDeployment } from './load-deployment.ts';
export { personalData } from './personal-data.ts';
export { renderCompose } from './render/compose.ts';
export { type RenderedSite, renderSite } from './render/render-site.ts';
export { renderSwarm } from './render/swarm.ts';
export { givenSecrets, readSecrets, type SiteSecrets } from './site-secrets.ts';
