import { useApi, useMembership, usePageTitle } from '@liaison/core/web';
import { PageLoading, Panes } from '@liaison/ui';
import { useParams, useRouterState } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { listTrees } from '../contract/index.ts';
import { ElsewherePage } from './elsewhere-page.tsx';
import { FolderPage } from './folder-page.tsx';
import { sharedPath, starredPath, useGo } from './go.ts';
import { PlacesList } from './places-list.tsx';
import { LinksPage, SharedPage } from './sharing/shared-page.tsx';
import { StarredPage } from './starred-page.tsx';
import { TrashPage } from './trash-page.tsx';
import { VersionsPane } from './versions-pane.tsx';

/** The places with files, and what lies in the one that is open. */
export function FilesPage() {
  const { t } = useTranslation('files');
  const go = useGo();
  const { folderId, treeId, linksOf, source, part } = useParams({ strict: false }) as {
    folderId?: string;
    treeId?: string;
    linksOf?: string;
    source?: string;
    part?: string;
  };
  const pathname = useRouterState({ select: ({ location }) => location.pathname });
  const isStarred = pathname === starredPath;
  const isShared = pathname === sharedPath;
  const [versionsOf, setVersionsOf] = useState<string | null>(null);
  const trees = useApi(listTrees);
  usePageTitle(t('title'));
  useMembership(() => void trees.refetch());
  const own = trees.data?.rows.find(({ kind }) => kind === 'personal')?.rootId;
  const shownId = folderId ?? own;
  const isHere =
    folderId !== undefined ||
    treeId !== undefined ||
    source !== undefined ||
    linksOf !== undefined ||
    isStarred ||
    isShared;
  return (
    <Panes
      list={<PlacesList trees={trees.data?.rows} error={trees.error} folderId={shownId} />}
      listWidth={272}
      view={versionsOf !== null ? 'side' : isHere ? 'page' : 'list'}
      onShowList={() => go('/files')}
      {...(versionsOf === null
        ? {}
        : {
            side: <VersionsPane key={versionsOf} nodeId={versionsOf} />,
            onCloseSide: () => setVersionsOf(null),
          })}
    >
      {source !== undefined ? (
        <ElsewherePage key={`${source}/${part}`} source={source} part={part ?? null} />
      ) : isShared ? (
        <SharedPage />
      ) : linksOf !== undefined ? (
        <LinksPage key={linksOf} treeId={linksOf} />
      ) : isStarred ? (
        <StarredPage />
      ) : treeId !== undefined ? (
        <TrashPage key={treeId} treeId={treeId} tree={trees.data?.rows.find(({ id }) => id === treeId)} />
      ) : shownId !== undefined ? (
        <FolderPage
          key={shownId}
          folderId={shownId}
          trees={trees.data?.rows ?? []}
          onVersions={setVersionsOf}
        />
      ) : trees.error ? null : (
        <PageLoading />
      )}
    </Panes>
  );
}
