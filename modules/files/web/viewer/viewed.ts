import { routeUrl } from '@liaison/core/web';
import { downloadFile, type FileNode, playFile, previewFile } from '../../contract/index.ts';

/** Where what is shown of a file comes from. */
export interface Addresses {
  readonly content: string;
  /** For a player. */
  readonly media: string;
  /** Null where there is no picture of it. */
  readonly drawn: string | null;
}

/** A file as the viewer needs it. */
export interface Viewed extends Pick<FileNode, 'id' | 'name' | 'bytes' | 'mediaType' | 'version'> {
  /** Set for one that lies in another module. */
  readonly addresses?: Addresses;
}

/** A new version has other addresses. */
export const addressesOf = ({ id, version, addresses }: Viewed): Addresses => {
  if (addresses) return addresses;
  const args = { params: { nodeId: id }, query: { version } };
  return {
    content: routeUrl(downloadFile, args),
    media: routeUrl(playFile, args),
    drawn: routeUrl(previewFile, { ...args, query: { version, size: 'large' } }),
  };
};
