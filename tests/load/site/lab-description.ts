import { type Deployment, type DeploymentInput, defineDeployment, errorLine, secret } from '@liaison/sites';
import type { DockerEngine } from '../../testing/docker-engine.ts';
import { neighbourImages } from '../../testing/docker-neighbours.ts';
import { suiteImage, versions } from './lab-images.ts';

/** What changes of the description while the site is broken, scaled and updated. */
export interface Wanted {
  readonly version: string;
  readonly front: number;
  /** Where PostgreSQL and its copy are; numbers of nodes. */
  readonly primary: number;
  readonly standby: number | undefined;
  readonly epoch: number;
  /** Whether what is acknowledged is on the copy too. */
  readonly synchronous: boolean;
}

export const atFirst: Wanted = {
  version: versions.before,
  front: 3,
  primary: 0,
  standby: 1,
  epoch: 1,
  synchronous: false,
};

export const host = 'eu.estuaria.example';
export const domain = 'estuaria.example';

/** Of the database's log, for a copy that is away: little, so that a copy is soon away for too long. */
export const keptLogMb = 64;

/** Folders of this machine that every node has, and who may read what is kept in that of backups. */
export interface Places {
  readonly blobs: string;
  readonly backups: string;
  readonly recipient: string;
}

/** What `site.ts` would say: three small machines, any one of which may be lost. */
export function descriptionOf(
  engines: readonly DockerEngine[],
  { blobs, backups, recipient }: Places,
  wanted: Wanted,
): DeploymentInput {
  const names = engines.map(({ name }) => name);
  const nameOf = (at: number) => names[at] ?? '';
  const { standby } = wanted;
  return {
    name: 'lab',
    domain,
    image: suiteImage,
    version: wanted.version,
    images: neighbourImages,
    sites: [
      {
        id: 'eu',
        region: 'one machine that is three',
        host,
        nodes: engines.map(({ name, address, host: docker }) => ({ name, address, docker })),
        processes: [
          { name: 'front', duties: ['api', 'live'], replicas: wanted.front, memoryMb: 512 },
          {
            name: 'back',
            duties: ['worker', 'sip', 'media', 'mail'],
            replicas: 2,
            rtpPorts: '20000-20009',
            memoryMb: 768,
          },
          // Backups into a folder are kept by a worker beside it: on the machine that is neither the primary's nor its copy's.
          { name: 'keeper', duties: ['worker'], nodes: [nameOf(2)], memoryMb: 512 },
        ],
        postgres: {
          kind: 'managed',
          primary: nameOf(wanted.primary),
          ...(standby === undefined ? {} : { standby: nameOf(standby) }),
          epoch: wanted.epoch,
          password: secret('postgres-password'),
          replicationPassword: secret('replication-password'),
          ...(wanted.synchronous && standby !== undefined ? { replication: 'synchronous' } : {}),
          keptLogMb,
          memoryMb: 512,
        },
        nats: { servers: 3, memoryMb: 64 },
        blobs: { kind: 'shared-folder', path: blobs },
        edge: {
          nodes: names,
          certificate: { kind: 'own', certificate: secret('certificate'), key: secret('certificate-key') },
        },
        backups: { to: { kind: 'folder', node: nameOf(2), path: backups }, recipients: [recipient] },
        turn: { node: nameOf(2), secret: secret('turn-secret') },
        limits: { drainMinutes: 0 },
      },
    ],
  };
}

export function describeSite(engines: readonly DockerEngine[], places: Places, wanted: Wanted): Deployment {
  const defined = defineDeployment(descriptionOf(engines, places, wanted));
  if (!defined.ok) throw new Error(defined.errors.map(errorLine).join('\n'));
  return defined.deployment;
}
