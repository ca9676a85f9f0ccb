export { auditPersonalData } from './audit-data.ts';
export { createPersonalData, erasePersonJob, type PersonalDataDependencies } from './create-personal-data.ts';
export * from './personal-data.ts';
