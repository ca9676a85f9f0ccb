import { routeUrl, useAction, useApi, useFormat, usePersonView } from '@liaison/core/web';
import { Button, Progress, SidePane } from '@liaison/ui';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import {
  downloadFile,
  type FileNode,
  type FileVersion,
  listVersions,
  returnToVersion,
} from '../contract/index.ts';
import classes from './files.module.css';
import { save } from './save.ts';
import { useNode } from './state/use-node.ts';
import { Trouble } from './trouble.tsx';

/** What a file was before, and the way back to it. */
export function VersionsPane({ nodeId }: { nodeId: string }) {
  const { t } = useTranslation('files');
  const file = useNode(nodeId);
  const versions = useApi(listVersions, { params: { nodeId } }, { staleMs: 0 });
  const newestNumber = file.data?.node.version;
  const { refetch } = versions;
  // A version that somebody else wrote.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the number is what it waits for
  useEffect(() => void refetch(), [newestNumber, refetch]);
  const back = useAction(returnToVersion, { invalidates: [listVersions] });
  const mayWrite = file.data?.right === 'write' || file.data?.right === 'manage';
  const newest = versions.data?.rows[0]?.number;
  return (
    <SidePane title={t('versions.title')} meta={file.data?.node.name}>
      <Trouble error={file.error ?? versions.error ?? back.error} />
      {file.data ? <Facts file={file.data.node} /> : null}
      {versions.isPending ? <Progress bare label={t('loading')} /> : null}
      {versions.data?.rows.map((version) => (
        <Version
          key={version.number}
          nodeId={nodeId}
          version={version}
          isNewest={version.number === newest}
          onReturn={
            mayWrite ? () => back.mutate({ params: { nodeId }, body: { number: version.number } }) : undefined
          }
        />
      ))}
    </SidePane>
  );
}

/** What is known of it, beside its versions. */
function Facts({ file }: { file: FileNode }) {
  const { t } = useTranslation('files');
  const format = useFormat();
  const by = usePersonView(file.changedById ?? '')?.name;
  const facts = [
    [t('column.bytes'), format.bytes(file.bytes)],
    [t('column.changed'), format.dateTime(file.changedAt)],
    ...(by ? [[t('view.by'), by]] : []),
    ...(file.mediaType ? [[t('view.type'), file.mediaType]] : []),
  ];
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Version({
  nodeId,
  version,
  isNewest,
  onReturn,
}: {
  nodeId: string;
  version: FileVersion;
  isNewest: boolean;
  onReturn: (() => void) | undefined;
}) {
  const { t } = useTranslation('files');
  const format = useFormat();
  const author = usePersonView(version.authorId ?? '')?.name ?? t('versions.somebody');
  return (
    <div className={classes.version}>
      <b>
        {isNewest ? t('versions.newest') : t('versions.number', { number: format.number(version.number) })}
      </b>
      <p>{t('versions.by', { when: format.dateTime(version.writtenAt), name: author })}</p>
      <p>{format.bytes(version.bytes)}</p>
      <div className={classes.versionVerbs}>
        <Button
          variant="default"
          onClick={() =>
            save(routeUrl(downloadFile, { params: { nodeId }, query: { version: version.number } }))
          }
        >
          {t('verb.download')}
        </Button>
        {!isNewest && onReturn ? (
          <Button variant="default" onClick={onReturn}>
            {t('versions.return')}
          </Button>
        ) : null}
      </div>
    </div>
  );
}
