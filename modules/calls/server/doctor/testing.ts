/** The doctor, for tests of the assembled suite. */
export { makeDoctorTelephone } from './credentials.ts';
export { type DoctorOptions, examine, type Finding } from './doctor.ts';
