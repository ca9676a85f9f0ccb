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
export { duties, nodeSchema, siteIds, versionSchema } from './deployment.ts';
export { type Ports, portsText, type SecretName, secret } from './fields.ts';
export { type FurtherService, furtherServiceSchema } from './further-service.ts';
export { nodesOf, takesHostPorts } from './rules.ts';
export { type DeploymentState, type SiteState, stateSchema, unchanged, withState } from './state.ts';
