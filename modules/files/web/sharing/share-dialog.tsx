import { api, routeKey, useApi, useFormat, useLiveEvent, usePersonView } from '@liaison/core/web';
import { Button, Dialog, PersonFace, Progress, Row, Rows, SectionTitle, useLabels } from '@liaison/ui';
import { IconBuilding, IconUsersGroup } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { endShare, listReaders, nodesChanged, type Right, type SharedGrant } from '../../contract/index.ts';
import classes from '../files.module.css';
import { Trouble } from '../trouble.tsx';
import { GiveForm } from './give-form.tsx';
import { NodeLinks } from './node-links.tsx';

type Readers = NonNullable<ReturnType<typeof useReaders>['data']>;

const useReaders = (nodeId: string) =>
  useApi(listReaders, { params: { nodeId } }, { staleMs: 0, everyMs: 10_000 });

/** Who may see a file or folder and why; for who manages it also the ways to say otherwise. */
export default function ShareDialog({
  node,
  right,
  onClose,
}: {
  node: { readonly id: string; readonly name: string; readonly kind: 'file' | 'folder' };
  right: Right;
  onClose: () => void;
}) {
  const { t } = useTranslation('files');
  const labels = useLabels();
  const queries = useQueryClient();
  const readers = useReaders(node.id);
  const mayManage = right === 'manage';
  const again = (): void => void queries.invalidateQueries({ queryKey: routeKey(listReaders) });
  useLiveEvent(nodesChanged, again);
  const end = useMutation({
    mutationFn: (grantId: string) => api(endShare, { params: { nodeId: node.id, grantId } }),
    onSuccess: again,
  });
  const data = readers.data;
  return (
    <Dialog
      opened
      onClose={onClose}
      title={t(mayManage ? 'share.title' : 'share.who', { name: node.name })}
      width={560}
      footer={
        <Button variant="default" onClick={onClose}>
          {labels.close}
        </Button>
      }
    >
      <div className={classes.stack}>
        {mayManage ? <GiveForm nodeId={node.id} onGiven={again} /> : null}
        <Trouble error={readers.error ?? end.error} />
        {data ? null : <Progress bare label={t('loading')} />}
        {data ? (
          <>
            {data.grants.length > 0 ? (
              <>
                <SectionTitle>{t('share.given')}</SectionTitle>
                <Rows label={t('share.given')}>
                  {data.grants.map((grant) => (
                    <GrantRow
                      key={grant.id}
                      grant={grant}
                      isHere={grant.nodeId === node.id}
                      {...(mayManage && grant.nodeId === node.id
                        ? { onEnd: () => end.mutate(grant.id) }
                        : {})}
                    />
                  ))}
                </Rows>
              </>
            ) : null}
            <SectionTitle>{t('share.people')}</SectionTitle>
            <Rows label={t('share.people')}>
              {data.people.map((reader) => (
                <ReaderRow key={reader.personId} reader={reader} readers={data} nodeId={node.id} />
              ))}
            </Rows>
            {data.links.length > 0 && !mayManage ? (
              <p className={classes.quiet}>{t('share.links', { count: data.links.length })}</p>
            ) : null}
          </>
        ) : null}
        {mayManage ? <NodeLinks node={node} onChange={again} /> : null}
      </div>
    </Dialog>
  );
}

/** Whom a grant is for, in words. */
function useGranted(grant: SharedGrant): string {
  const { t } = useTranslation('files');
  const person = usePersonView(grant.principal.kind === 'person' ? (grant.principal.id ?? '') : '');
  if (grant.principal.kind === 'person') return person?.name ?? t('versions.somebody');
  if (grant.principal.kind === 'organisation') return t('share.organisation');
  return grant.name ?? t('share.unknownTeam');
}

function GrantRow({ grant, isHere, onEnd }: { grant: SharedGrant; isHere: boolean; onEnd?: () => void }) {
  const { t } = useTranslation('files');
  const format = useFormat();
  const name = useGranted(grant);
  const person = usePersonView(grant.principal.kind === 'person' ? (grant.principal.id ?? '') : '');
  const second = [
    t(`share.right.${grant.right}`),
    isHere ? null : t('share.from', { name: grant.nodeName || t('share.above') }),
    grant.until === null ? null : t('share.until', { when: format.dateTime(grant.until) }),
  ].filter((each) => each !== null);
  return (
    <Row
      face={
        person ? (
          <PersonFace person={person} size={32} />
        ) : grant.principal.kind === 'organisation' ? (
          <IconBuilding />
        ) : (
          <IconUsersGroup />
        )
      }
      name={name}
      second={second.join(' · ')}
      {...(onEnd
        ? {
            action: (
              <Button size="sm" variant="default" aria-label={t('share.endFor', { name })} onClick={onEnd}>
                {t('share.end')}
              </Button>
            ),
          }
        : {})}
    />
  );
}

function ReaderRow({
  reader,
  readers,
  nodeId,
}: {
  reader: Readers['people'][number];
  readers: Readers;
  nodeId: string;
}) {
  const { t } = useTranslation('files');
  const person = usePersonView(reader.personId);
  const { by } = reader;
  const grant = 'grantId' in by ? readers.grants.find(({ id }) => id === by.grantId) : undefined;
  const why =
    'role' in by
      ? readers.spaceKind === 'personal'
        ? t('share.why.own')
        : t(`share.why.${by.role}`, { team: readers.spaceName })
      : grant?.principal.kind === 'organisation'
        ? t('share.why.organisation')
        : grant === undefined || grant.nodeId === nodeId
          ? t('share.why.here')
          : t('share.why.above', { name: grant.nodeName || t('share.above') });
  if (!person) return null;
  return (
    <Row
      face={<PersonFace person={person} size={32} />}
      name={person.name}
      second={`${t(`share.right.${reader.right}`)} · ${why}`}
    />
  );
}
