export {
  type DefinedDeployment,
  type DescriptionError,
  defineDeployment,
  errorLine,
} from './define.ts';
export type {
  Deployment,
  DeploymentInput,
  Edge,
  ManagedPostgres,
  Site,
  SiteId,
  SiteNode,
  SiteProcess,
} from './deployment.ts';
export { duties, siteIds } from './deployment.ts';
export { type Ports, portsText, type SecretName, secret } from './fields.ts';
export { nodesOf, takesHostPorts } from './rules.ts';
