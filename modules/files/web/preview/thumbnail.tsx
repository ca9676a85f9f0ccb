import { routeUrl } from '@liaison/core/web';
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { downloadFile, type FileNode, previewFile, previewKindOf } from '../../contract/index.ts';
import { FileIcon } from '../list/file-icon.tsx';
import classes from './thumbnail.module.css';

const PdfThumbnail = lazy(() => import('./pdf-thumbnail.tsx'));

/** Rows that are scrolled past are not asked for. */
const settleMs = 150;
/** A larger document is not fetched for its first page. */
const maxPdfBytes = 20 * 1024 ** 2;
/** What has no preview is asked for once. */
const without = new Set<string>();

/**
 * What is in a file, small, in the box around it; its icon until that is here, and where there is none.
 *
 * @param pdf the first pages of documents too: the page draws them itself, which is more work than a picture.
 */
export function Thumbnail({ node, pdf = false }: { node: FileNode; pdf?: boolean }) {
  const key = `${node.id} ${node.version}`;
  const kind = node.kind === 'file' && !without.has(key) ? previewKindOf(node) : null;
  const isDrawn =
    kind === 'picture' || kind === 'video' || (kind === 'pdf' && pdf && node.bytes <= maxPdfBytes);
  const [settled, setSettled] = useState('');
  const [, setFailed] = useState('');
  useEffect(() => {
    if (!isDrawn) return;
    const timer = setTimeout(() => setSettled(key), settleMs);
    return () => clearTimeout(timer);
  }, [isDrawn, key]);
  const fail = (): void => {
    without.add(key);
    setFailed(key);
  };
  const icon = <FileIcon node={node} />;
  if (!isDrawn || settled !== key) return icon;
  if (kind === 'pdf') {
    return (
      <Suspense fallback={icon}>
        <PdfThumbnail
          key={key}
          address={routeUrl(downloadFile, { params: { nodeId: node.id }, query: { version: node.version } })}
          onFail={fail}
          waiting={icon}
        />
      </Suspense>
    );
  }
  return <Drawn key={key} node={node} onFail={fail} waiting={icon} />;
}

function Drawn({ node, onFail, waiting }: { node: FileNode; onFail: () => void; waiting: ReactNode }) {
  const [isHere, setHere] = useState(false);
  return (
    <>
      {isHere ? null : waiting}
      <img
        className={classes.picture}
        data-here={isHere || undefined}
        src={routeUrl(previewFile, {
          params: { nodeId: node.id },
          query: { size: 'small', version: node.version },
        })}
        alt=""
        decoding="async"
        fetchPriority="low"
        onLoad={() => setHere(true)}
        onError={onFail}
      />
    </>
  );
}
