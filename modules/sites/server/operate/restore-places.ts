import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { storeUrl } from '@liaison/core/backup';
import { StartError, storageError } from '@liaison/core/config';
import type { ManagedPostgres, SecretName, Site } from '../../contract/index.ts';
import { image } from '../render/image.ts';

/** Where the parts of a site's data and its backups are, as a container of a restore is given them. */
export interface Place {
  /** Address that the program in the container reads. */
  readonly url: string;
  /** Arguments of `docker run`. */
  readonly mounts: readonly string[];
  /** Whether it is reached over the network. */
  readonly isFar: boolean;
}

const backupsTarget = '/backups';

export function managedPostgres(site: Site): ManagedPostgres {
  const { postgres } = site;
  if (postgres.kind === 'managed') return postgres;
  throw new StartError({
    what: `PostgreSQL is not ours to restore: it is at ${postgres.host}`,
    mend: 'restore on one machine (restore PLACE --identity FILE), and let whoever keeps that server copy the database to it',
  });
}

/** The node whose engine reads the backups: of a folder the one that has it. */
export function readsBackups(site: Site): string {
  const { backups } = site;
  if (backups === undefined) {
    throw new StartError({
      what: 'the description names no backups',
      mend: 'write backups into site.ts, as it was when they were made',
    });
  }
  return backups.to.kind === 'folder' ? backups.to.node : managedPostgres(site).primary;
}

/** Refuses what cannot be: blobs in a volume of another node than the backups' folder. */
export function restoresBlobs(site: Site): string {
  const reads = readsBackups(site);
  if (site.blobs.kind !== 'folder' || site.blobs.node === reads) return reads;
  if (site.backups?.to.kind === 's3') return site.blobs.node;
  throw new StartError({
    what: `the backups lie on ${reads}, and the blobs on ${site.blobs.node}`,
    mend: 'bring the folder of the backups to that node, and name it in site.ts',
  });
}

/** @param fetched the volume that the backup was brought to, where it was */
export async function backupPlace(options: {
  site: Site;
  secrets: string;
  fetched?: string;
}): Promise<Place> {
  const { site, secrets, fetched } = options;
  const to = site.backups?.to;
  if (to === undefined) throw new Error(`${site.id} has no backups`);
  if (to.kind === 's3') {
    const url = await bucketUrl(secrets, to, `${to.bucket}/${site.id}`);
    return { url, mounts: [], isFar: true };
  }
  const source =
    fetched === undefined ? `type=bind,source=${to.path},readonly` : `type=volume,source=${fetched},readonly`;
  return {
    url: storeUrl(`${backupsTarget}/${site.id}`),
    mounts: ['--mount', `${source},target=${backupsTarget}`],
    isFar: false,
  };
}

export async function blobsPlace(options: { site: Site; stack: string; secrets: string }): Promise<Place> {
  const { site, stack, secrets } = options;
  const { blobs } = site;
  if (blobs.kind === 's3')
    return { url: await bucketUrl(secrets, blobs, blobs.bucket), mounts: [], isFar: true };
  if (blobs.kind === 'folder') {
    return {
      url: storeUrl(`${image.data}/blobs`),
      mounts: ['--mount', `type=volume,source=${stack}_data,target=${image.data}`],
      isFar: false,
    };
  }
  return {
    url: storeUrl('/blobs'),
    mounts: ['--mount', `type=bind,source=${blobs.path},target=/blobs`],
    isFar: false,
  };
}

async function bucketUrl(
  secrets: string,
  store: { endpoint: string; region: string; accessKey: SecretName; secretKey: SecretName },
  path: string,
): Promise<string> {
  const { protocol, host } = new URL(store.endpoint);
  const scheme = protocol === 'https:' ? 's3' : 's3+http';
  const of = async ({ secret }: SecretName) => encodeURIComponent(await secretOf(secrets, secret));
  return `${scheme}://${await of(store.accessKey)}:${await of(store.secretKey)}@${host}/${path}?region=${store.region}`;
}

/** The value of a secret, without the line break that its file ends with. */
export async function secretOf(folder: string, name: string): Promise<string> {
  const file = join(folder, name);
  return readFile(file, 'utf8').then(
    (text) => text.replace(/\r?\n$/, ''),
    (error: unknown) => {
      throw storageError(error, file);
    },
  );
}
