/** The doctor, for tests of the assembled suite. */
export { makeDoctorTelephone } from './credentials.ts';
export { type DoctorOptions, examine } from './doctor.ts';
export type { Finding } from './finding.ts';
