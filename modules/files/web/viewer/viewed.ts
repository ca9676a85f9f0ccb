import { routeUrl } from '@liaison/core/web';
import { downloadFile, type FileNode, playFile, previewFile } from '../../contract/index.ts';

/** A file as the viewer needs it. */
export type Viewed = Pick<FileNode, 'id' | 'name' | 'bytes' | 'mediaType' | 'version'>;

/** Where what is shown of a file comes from; a new version has other addresses. */
export const addressesOf = ({ id, version }: Viewed) => {
  const args = { params: { nodeId: id }, query: { version } };
  return {
    content: routeUrl(downloadFile, args),
    media: routeUrl(playFile, args),
    drawn: routeUrl(previewFile, { ...args, query: { version, size: 'large' } }),
  };
};
