export { createIds, type Ids, isId, maxSite, siteOf, timeOf } from './ids.ts';
