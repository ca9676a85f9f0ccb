import { api, routeKey, useApiPages, useFormat, useLiveEvent } from '@liaison/core/web';
import { Button, ConfirmDialog, Empty, PageHeader, Progress, Row, Rows, useToasts } from '@liaison/ui';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  deleteNodes,
  type FileTree,
  type ListedNode,
  listTrash,
  listTrees,
  nodesChanged,
  restoreNodes,
  trashDays,
} from '../contract/index.ts';
import classes from './files.module.css';
import { FileIcon } from './list/file-icon.tsx';
import { nameOf } from './places-list.tsx';
import { Trouble, useTroubleText } from './trouble.tsx';

/** What was deleted from a place and can still be had back. */
export function TrashPage({ treeId, tree }: { treeId: string; tree: FileTree | undefined }) {
  const { t } = useTranslation('files');
  const format = useFormat();
  const toasts = useToasts();
  const trouble = useTroubleText();
  const queries = useQueryClient();
  const [doomed, setDoomed] = useState<ListedNode | null>(null);
  const trash = useApiPages(listTrash, { params: { treeId }, query: { limit: 100 } }, { staleMs: 0 });
  const refresh = (): void => {
    void queries.invalidateQueries({ queryKey: routeKey(listTrash) });
    void queries.invalidateQueries({ queryKey: routeKey(listTrees) });
  };
  useLiveEvent(nodesChanged, refresh);
  const onError = (error: Error): void => void toasts.show({ tone: 'danger', text: trouble(error) });
  const restore = useMutation({
    mutationFn: (node: ListedNode) => api(restoreNodes, { body: { nodeIds: [node.id] } }),
    onError,
    onSuccess: ({ rows: [node] }) => {
      toasts.show({ id: 'files-restored', text: t('trash.restored', { name: node?.name ?? '' }) });
      refresh();
    },
  });
  const remove = useMutation({
    mutationFn: (node: ListedNode) => api(deleteNodes, { body: { nodeIds: [node.id] } }),
    onError,
    onSuccess: refresh,
    onSettled: () => setDoomed(null),
  });
  const mayWrite = tree?.right === 'write' || tree?.right === 'manage';
  return (
    <>
      <PageHeader title={t('trash.title')} meta={tree ? nameOf(tree, t('mine')) : ''} />
      <Trouble error={trash.error} />
      {trash.isPending ? <Progress bare label={t('loading')} /> : null}
      {trash.rows?.length === 0 ? (
        <div className={classes.middle}>
          <Empty title={t('trash.none')}>{t('trash.why', { count: trashDays })}</Empty>
        </div>
      ) : null}
      {trash.rows && trash.rows.length > 0 ? (
        <div className={classes.rows}>
          <p className={classes.quiet}>{t('trash.why', { count: trashDays })}</p>
          <Rows label={t('trash.title')}>
            {trash.rows.map((node) => (
              <Row
                key={node.id}
                face={<FileIcon node={node} />}
                name={node.name}
                second={t('trash.since', { when: format.row(node.trashedAt ?? node.changedAt) })}
                action={
                  mayWrite ? (
                    <div className={classes.versionVerbs}>
                      <Button
                        variant="default"
                        aria-label={t('trash.restoreName', { name: node.name })}
                        onClick={() => restore.mutate(node)}
                      >
                        {t('trash.restore')}
                      </Button>
                      <Button
                        variant="subtle"
                        aria-label={t('trash.deleteName', { name: node.name })}
                        onClick={() => setDoomed(node)}
                      >
                        {t('trash.delete')}
                      </Button>
                    </div>
                  ) : undefined
                }
              />
            ))}
          </Rows>
          {trash.hasNextPage ? (
            <Button variant="default" loading={trash.isFetching} onClick={() => void trash.fetchNextPage()}>
              {t('trash.more')}
            </Button>
          ) : null}
        </div>
      ) : null}
      <ConfirmDialog
        opened={doomed !== null}
        title={t('trash.sure', { name: doomed?.name ?? '' })}
        verb={t('trash.delete')}
        danger
        busy={remove.isPending}
        onConfirm={() => doomed && remove.mutate(doomed)}
        onCancel={() => setDoomed(null)}
      >
        {t('trash.forEver')}
      </ConfirmDialog>
    </>
  );
}
