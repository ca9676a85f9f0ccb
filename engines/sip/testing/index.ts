/** @liaison/sip/testing: other people's telephones for tests. */
export {
  type Baresip,
  type BaresipEvent,
  type BaresipOptions,
  isBaresipInstalled,
  startBaresip,
} from './baresip.ts';
export { createToneWav } from './tone.ts';
