import { api, useApi } from '@liaison/core/web';
import { Button, Dialog, Progress, Row, Rows, useLabels } from '@liaison/ui';
import { IconArrowUp, IconFolder, IconFolderHeart, IconUsersGroup } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  copyNodes,
  type FileTree,
  getNode,
  type ListedNode,
  listFolder,
  moveNodes,
} from '../../contract/index.ts';
import classes from '../files.module.css';
import { nameOf } from '../places-list.tsx';
import { Trouble } from '../trouble.tsx';

/** Asks for the folder that something is moved or copied into. */
export default function PlaceDialog({
  kind,
  nodes,
  from,
  trees,
  onClose,
}: {
  kind: 'move' | 'copy';
  nodes: readonly ListedNode[];
  /** Where they are. */
  from: string;
  trees: readonly FileTree[];
  onClose: () => void;
}) {
  const { t } = useTranslation('files');
  const labels = useLabels();
  const [folderId, setFolderId] = useState<string | null>(from);
  const change = useMutation({
    mutationFn: (id: string) =>
      api(kind === 'move' ? moveNodes : copyNodes, {
        body: { nodeIds: nodes.map((node) => node.id), folderId: id },
      }),
    onSuccess: onClose,
  });
  const isHere = kind === 'move' && folderId === from;
  return (
    <Dialog
      opened
      onClose={onClose}
      title={t(`${kind}.title`, { count: nodes.length, name: nodes[0]?.name })}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            {labels.cancel}
          </Button>
          <Button
            loading={change.isPending}
            disabled={folderId === null || isHere}
            onClick={() => folderId !== null && change.mutate(folderId)}
          >
            {t(`${kind}.verb`)}
          </Button>
        </>
      }
    >
      <div className={classes.stack}>
        {folderId === null ? (
          <div className={classes.places}>
            <Rows label={t('places')}>
              {trees
                .filter(({ right }) => right === 'write' || right === 'manage')
                .map((tree) => (
                  <Row
                    key={tree.id}
                    compact
                    face={tree.kind === 'personal' ? <IconFolderHeart /> : <IconUsersGroup />}
                    name={nameOf(tree, t('mine'))}
                    onClick={() => setFolderId(tree.rootId)}
                  />
                ))}
            </Rows>
          </div>
        ) : (
          <Folders key={folderId} folderId={folderId} trees={trees} without={nodes} onChoose={setFolderId} />
        )}
        {isHere ? <p className={classes.quiet}>{t('move.here')}</p> : null}
        <Trouble error={change.error} />
      </div>
    </Dialog>
  );
}

function Folders({
  folderId,
  trees,
  without,
  onChoose,
}: {
  folderId: string;
  trees: readonly FileTree[];
  without: readonly ListedNode[];
  onChoose: (folderId: string | null) => void;
}) {
  const { t } = useTranslation('files');
  const folder = useApi(getNode, { params: { nodeId: folderId } });
  const inside = useApi(listFolder, { params: { nodeId: folderId }, query: { limit: 500 } });
  const tree = trees.find(({ id }) => id === folder.data?.node.treeId);
  const name = folder.data?.node.name || (tree ? nameOf(tree, t('mine')) : '');
  const hidden = new Set(without.map(({ id }) => id));
  const folders = inside.data?.rows.filter((node) => node.kind === 'folder' && !hidden.has(node.id));
  return (
    <>
      <b>{name}</b>
      <div className={classes.places}>
        <Rows label={name}>
          <Row
            compact
            face={<IconArrowUp />}
            name={t(folder.data?.node.parentId === null ? 'allPlaces' : 'up')}
            onClick={() => onChoose(folder.data?.node.parentId ?? null)}
          />
          {folders?.map((node) => (
            <Row
              key={node.id}
              compact
              face={<IconFolder />}
              name={node.name}
              onClick={() => onChoose(node.id)}
            />
          ))}
        </Rows>
        {folders === undefined ? <Progress bare label={t('loading')} /> : null}
        {folders?.length === 0 ? <p className={classes.quiet}>{t('noFolders')}</p> : null}
        <Trouble error={folder.error ?? inside.error} />
      </div>
    </>
  );
}
