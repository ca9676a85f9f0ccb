/** For tests of several processes: a real bus between them. */
export { createNatsServer } from './nats-server.ts';
