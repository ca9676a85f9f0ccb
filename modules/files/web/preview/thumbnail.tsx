import { routeUrl } from '@liaison/core/web';
import { type ReactNode, useEffect, useState } from 'react';
import { type FileNode, previewFile, previewKindOf } from '../../contract/index.ts';
import { FileIcon } from '../list/file-icon.tsx';
import classes from './thumbnail.module.css';
import { useRetried } from './use-retried.ts';

/** Rows that are scrolled past are not asked for. */
const settleMs = 150;
const drawn: ReadonlySet<unknown> = new Set(['picture', 'video', 'pdf']);
/** What has no preview is asked for once. */
const without = new Set<string>();

/** What is in a file, small, in the box around it; its icon until that is here, and where there is none. */
export function Thumbnail({ node }: { node: FileNode }) {
  const key = `${node.id} ${node.version}`;
  const isDrawn = node.kind === 'file' && !without.has(key) && drawn.has(previewKindOf(node));
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
  return isDrawn && settled === key ? <Drawn key={key} node={node} onFail={fail} waiting={icon} /> : icon;
}

function Drawn({ node, onFail, waiting }: { node: FileNode; onFail: () => void; waiting: ReactNode }) {
  const [isHere, setHere] = useState(false);
  const address = routeUrl(previewFile, {
    params: { nodeId: node.id },
    query: { size: 'small', version: node.version },
  });
  const { attempt, onError } = useRetried(address, onFail);
  return (
    <>
      {isHere ? null : waiting}
      <img
        key={attempt}
        className={classes.picture}
        data-here={isHere || undefined}
        data-kind={previewKindOf(node) ?? undefined}
        src={address}
        alt=""
        decoding="async"
        fetchPriority="low"
        onLoad={() => setHere(true)}
        onError={onError}
      />
    </>
  );
}
