export { createJobs, type JobsOptions } from './graphile-jobs.ts';
export * from './jobs.ts';
export { tellFailure } from './tell-failure.ts';
