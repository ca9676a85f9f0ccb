import { useApi, useFormat } from '@liaison/core/web';
import { Progress, Row, Rows } from '@liaison/ui';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ListedNode, searchFiles } from '../contract/index.ts';
import classes from './files.module.css';
import { filePath, folderPath, useGo } from './go.ts';
import { FileIcon } from './list/file-icon.tsx';
import { Trouble } from './trouble.tsx';

/** Rows of nodes from different folders: what was found, what is starred. */
export function NodeRows({ rows, label }: { rows: readonly ListedNode[]; label: string }) {
  const go = useGo();
  const format = useFormat();
  return (
    <Rows label={label}>
      {rows.map((node) => (
        <Row
          key={node.id}
          face={<FileIcon node={node} />}
          name={node.name}
          second={[node.kind === 'file' ? format.bytes(node.bytes) : '', format.row(node.changedAt)]
            .filter(Boolean)
            .join(' · ')}
          onClick={() => go(node.kind === 'folder' ? folderPath(node.id) : filePath(node))}
        />
      ))}
    </Rows>
  );
}

/** What is called so, anywhere in the place that is open. */
export function SearchResults({ q, treeId }: { q: string; treeId: string }) {
  const { t } = useTranslation('files');
  const [settled, setSettled] = useState(q);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(q), 200);
    return () => clearTimeout(timer);
  }, [q]);
  const found = useApi(searchFiles, { query: { q: settled, treeId } }, { keepLast: true, staleMs: 5000 });
  return (
    <section className={classes.rows} aria-label={t('search.results')}>
      {found.isPending ? <Progress bare label={t('loading')} /> : null}
      <Trouble error={found.error} />
      {found.data?.rows.length === 0 ? (
        <p className={classes.quiet}>{t('search.none', { q: settled })}</p>
      ) : null}
      {found.data ? <NodeRows rows={found.data.rows} label={t('search.results')} /> : null}
    </section>
  );
}
