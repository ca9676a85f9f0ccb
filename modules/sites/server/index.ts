export { checkCertificate } from './certificate-fault.ts';
export { type FilePlan, planFolder, writeFolder } from './folder.ts';
export type { LineChange } from './line-changes.ts';
export {
  type DescribedSite,
  describedSite,
  type LoadedDeployment,
  loadDeployment,
  readState,
} from './load-deployment.ts';
export { type Alert, alerts } from './monitoring/alerts.ts';
export { board } from './monitoring/figures.ts';
export { boardsFile, dashboard, datasourceFile } from './monitoring/grafana.ts';
export { alertRules, prometheusConf } from './monitoring/prometheus.ts';
export { createSite } from './operate/create.ts';
export { DockerFailed, dockerArguments, dockerAt } from './operate/docker.ts';
export { furtherErrors, readFurtherService } from './operate/further.ts';
export { type OperateFlags, operate, type Plan, type Talk } from './operate/operate.ts';
export { planRestore, type RestoreAsked } from './operate/plan-restore.ts';
export {
  planFailover,
  planNodeActive,
  planNodeAdd,
  planNodeDrain,
  planNodeRemove,
  planService,
  planServiceGone,
  planSite,
  planStandby,
} from './operate/plan-verbs.ts';
export { planScale, planUpdate, runningLines } from './operate/plans.ts';
export { deployedStack, type SiteAt, siteAt } from './operate/site-at.ts';
export { statusLines } from './operate/status.ts';
export { shortName } from './operate/swarm.ts';
export { checkDeployed, checkWhole, type SiteView, unrest, viewSite } from './operate/view.ts';
export { personalData } from './personal-data.ts';
export { renderCompose } from './render/compose.ts';
export { type RenderedSite, renderSite } from './render/render-site.ts';
export { renderSwarm } from './render/swarm.ts';
export { renderDescribed } from './render-described.ts';
export { givenSecrets, readSecrets, type SiteSecrets } from './site-secrets.ts';
