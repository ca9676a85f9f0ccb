/** For tests of the assembled suite: people made by the module's own actions, without its screens. */
export { createDevice, type NewDevice } from '../actions/create-device.ts';
export { createOrganisation } from '../actions/create-organisation.ts';
export { createPerson, type NewPerson } from '../actions/create-person.ts';
export type { Browser } from './bench.ts';
export { goodPassword } from './bench.ts';
