/** @liaison/sip/testing: other people's telephones for tests. */
export {
  type Baresip,
  type BaresipEvent,
  type BaresipOptions,
  isBaresipInstalled,
  startBaresip,
} from './baresip.ts';
export { createCertificate } from './certificate.ts';
export { startTelephoneAgent, type TelephoneAgent } from './telephone-agent.ts';
export { createToneWav } from './tone.ts';
