import type { Duty } from '@liaison/core/config';
import type { Service } from '@liaison/core/floor';
import type { Suite } from './compose.ts';

/** What a process runs, in the order in which it starts; it stops in the opposite one. */
export function servicesFor(suite: Suite, duties: readonly Duty[]): Service[] {
  const { core, endsOfGrants, people, reach, files, calls, sites } = suite;
  const services: (Service & { duties: readonly Duty[] | 'every' })[] = [
    { name: 'core.owned', duties: 'every', start: () => core.owned.start(), stop: () => core.owned.stop() },
    { ...bound(people.service), duties: 'every' },
    { ...bound(sites.heartbeat), duties: 'every' },
    { ...bound(sites.watch), duties: ['worker'] },
    { name: 'core.jobs', duties: ['worker'], start: () => core.jobs.start(), stop: () => core.jobs.stop() },
    {
      name: 'core.outbox',
      duties: ['worker'],
      start: () => core.outbox.start(),
      stop: () => core.outbox.stop(),
    },
    { ...bound(endsOfGrants), duties: ['worker'] },
    { ...bound(reach.expiry), duties: ['worker'] },
    { ...bound(calls.sweeper), duties: ['worker'] },
    {
      name: 'core.live',
      duties: ['live', 'api'],
      start: () => core.live.start(),
      stop: () => core.live.stop(),
    },
    { ...bound(files.drawing), duties: ['api'] },
    { ...bound(files.reading), duties: ['worker'] },
    { ...bound(calls.media.pool), duties: ['live', 'api', 'sip', 'media'] },
    { ...bound(calls.media.keeper), duties: ['media'] },
    { ...bound(calls.tap), duties: ['live', 'api', 'sip'] },
    { ...bound(calls.exchange), duties: ['live', 'api', 'sip'] },
    { ...bound(calls.telephones), duties: ['sip'] },
  ];
  return services.filter(
    (service) => service.duties === 'every' || service.duties.some((duty) => duties.includes(duty)),
  );
}

/** A service may be an object with state behind getters; only its three members are taken. */
const bound = (service: Service): Service => ({
  name: service.name,
  start: () => service.start(),
  stop: () => service.stop(),
});
