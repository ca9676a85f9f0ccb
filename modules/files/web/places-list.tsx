import { Slot, useFormat } from '@liaison/core/web';
import { ListPane, Progress, Row, Rows, SectionTitle } from '@liaison/ui';
import {
  IconFolderHeart,
  IconFolderShare,
  IconLink,
  IconStar,
  IconTrash,
  IconUsersGroup,
} from '@tabler/icons-react';
import { useRouterState } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type FileTree, placesElsewhere } from '../contract/index.ts';
import classes from './files.module.css';
import { folderPath, linksPath, sharedPath, starredPath, trashPath } from './go.ts';
import { useNode } from './state/use-node.ts';
import { Trouble } from './trouble.tsx';

/** Where files are: my own, each team's, what I starred, and the trash of what is open: of two people's files too, who have no place of it. */
export function PlacesList({
  trees,
  error,
  folderId,
}: {
  trees: readonly FileTree[] | undefined;
  error: Error | null;
  folderId: string | undefined;
}) {
  const { t } = useTranslation('files');
  const pathname = useRouterState({ select: ({ location }) => location.pathname });
  const open = useNode(folderId);
  const trashed = /^\/files\/trash\/(.+)$/.exec(pathname)?.[1];
  const linksOf = /^\/files\/links\/(.+)$/.exec(pathname)?.[1];
  const treeId =
    trashed ?? linksOf ?? open.data?.node.treeId ?? trees?.find(({ rootId }) => rootId === folderId)?.id;
  const tree = trees?.find(({ id }) => id === treeId);
  const isFolder =
    trashed === undefined &&
    linksOf === undefined &&
    pathname !== sharedPath &&
    pathname !== starredPath &&
    !pathname.startsWith('/files/from/');
  const own = trees?.find(({ kind }) => kind === 'personal');
  const teams = trees?.filter(({ kind }) => kind === 'team') ?? [];
  return (
    <ListPane title={t('title')}>
      {error ? <Trouble error={error} /> : null}
      {trees ? null : <Progress bare label={t('loading')} />}
      <Rows label={t('places')}>
        {own ? (
          <Row
            compact
            face={<IconFolderHeart />}
            name={t('mine')}
            href={folderPath(own.rootId)}
            selected={isFolder && treeId === own.id}
          />
        ) : null}
        <Row
          compact
          face={<IconStar />}
          name={t('starred.title')}
          href={starredPath}
          selected={pathname === starredPath}
        />
        <Row
          compact
          face={<IconFolderShare />}
          name={t('shared.title')}
          href={sharedPath}
          selected={pathname === sharedPath}
        />
        <Slot slot={placesElsewhere} path={pathname} />
      </Rows>
      {teams.length > 0 ? (
        <>
          <SectionTitle>{t('teams')}</SectionTitle>
          <Rows label={t('teams')}>
            {teams.map((team) => (
              <Row
                key={team.id}
                compact
                face={<IconUsersGroup />}
                name={team.name}
                href={folderPath(team.rootId)}
                selected={isFolder && treeId === team.id}
              />
            ))}
          </Rows>
        </>
      ) : null}
      {treeId ? (
        <div className={classes.placeFoot}>
          <Rows label={tree ? nameOf(tree, t('mine')) : t('title')}>
            <Row
              compact
              face={<IconTrash />}
              name={t('trash.title')}
              href={trashPath(treeId)}
              selected={trashed !== undefined}
            />
            {tree?.right === 'manage' ? (
              <Row
                compact
                face={<IconLink />}
                name={t('link.title')}
                href={linksPath(tree.id)}
                selected={linksOf !== undefined}
              />
            ) : null}
          </Rows>
          {tree ? <Room tree={tree} /> : null}
        </div>
      ) : null}
    </ListPane>
  );
}

export const nameOf = (tree: FileTree, mine: string): string => (tree.kind === 'personal' ? mine : tree.name);

/** How much of a place is used. */
function Room({ tree }: { tree: FileTree }) {
  const { t } = useTranslation('files');
  const format = useFormat();
  return (
    <div className={classes.room}>
      <Progress
        label={t('room.label')}
        value={tree.usedBytes / Math.max(1, tree.quotaBytes)}
        detail={t('room.used', { used: format.bytes(tree.usedBytes), all: format.bytes(tree.quotaBytes) })}
      />
    </div>
  );
}
