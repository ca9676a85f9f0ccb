import { routeKey, useApi, useApiPages, useFormat, useLiveEvent } from '@liaison/core/web';
import { DossierFile, DossierItem, DossierMore, DossierNote, DossierSection } from '@liaison/ui';
import { IconFolder } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { listFilesWith, nodesChanged, type SharedFile } from '../contract/index.ts';
import { folderPath } from './go.ts';
import { FileIcon } from './list/file-icon.tsx';
import { rightsChanged } from './state/use-node.ts';

function useFresh(): void {
  const queries = useQueryClient();
  const ask = () => void queries.invalidateQueries({ queryKey: routeKey(listFilesWith) });
  useLiveEvent(nodesChanged, ask);
  useLiveEvent(rightsChanged, ask);
}

/** A file by its own address: whoever may read the folder around it is led there. */
const hrefOf = ({ id }: SharedFile): string => folderPath(id);

/** The last files with somebody of the organisation who rings. */
export function SharedFiles({ personId }: { personId: string | null }) {
  return personId === null ? null : <LastFiles personId={personId} />;
}

function LastFiles({ personId }: { personId: string }) {
  const { t } = useTranslation('files-nav');
  useFresh();
  const { data } = useApi(
    listFilesWith,
    { params: { personId }, query: { limit: 3 } },
    // A right may have been taken back since the last ring.
    { staleMs: 0 },
  );
  if (!data || data.rows.length === 0) return null;
  return (
    <DossierSection icon={<IconFolder size={16} />} title={t('with.title')}>
      {data.rows.map((file) => (
        <DossierFile key={file.id} icon={<FileIcon node={file} />} name={file.name} href={hrefOf(file)} />
      ))}
    </DossierSection>
  );
}

/** On a person's page: all of them, a few at a time. */
export function FilesWith({ person }: { person: { id: string } }) {
  const { t } = useTranslation('files-nav');
  const format = useFormat();
  useFresh();
  const files = useApiPages(
    listFilesWith,
    { params: { personId: person.id }, query: { limit: 6 } },
    { staleMs: 0 },
  );
  const place = (file: SharedFile): string =>
    file.given === 'to-me' ? t('with.toMe') : file.given === 'to-her' ? t('with.toHer') : file.placeName;
  return (
    <DossierSection icon={<IconFolder size={16} />} title={t('with.title')}>
      {files.rows?.length === 0 && !files.hasNextPage ? <DossierNote>{t('with.none')}</DossierNote> : null}
      {files.rows?.map((file) => (
        <DossierItem
          key={file.id}
          title={file.name}
          second={place(file)}
          time={format.row(file.at)}
          href={hrefOf(file)}
        />
      ))}
      {files.hasNextPage ? (
        <DossierMore loading={files.isFetchingNextPage} onClick={() => void files.fetchNextPage()}>
          {t('with.more')}
        </DossierMore>
      ) : null}
    </DossierSection>
  );
}
