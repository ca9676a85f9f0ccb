import { routeKey, useApi, useLiveEvent } from '@liaison/core/web';
import { Empty, PageHeader, Progress } from '@liaison/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { listStarred, nodesChanged } from '../contract/index.ts';
import classes from './files.module.css';
import { NodeRows } from './search-results.tsx';
import { elsewhereMs, rightsChanged, useElsewhere } from './state/use-node.ts';
import { Trouble } from './trouble.tsx';

/** What I starred, wherever it is. */
export function StarredPage() {
  const { t } = useTranslation('files');
  const queries = useQueryClient();
  const starred = useApi(listStarred, {}, { staleMs: 0, everyMs: elsewhereMs });
  useElsewhere(() => void starred.refetch());
  useLiveEvent(rightsChanged, () => void queries.invalidateQueries({ queryKey: routeKey(listStarred) }));
  useLiveEvent(nodesChanged, () => void queries.invalidateQueries({ queryKey: routeKey(listStarred) }));
  return (
    <>
      <PageHeader title={t('starred.title')} />
      <Trouble error={starred.error} />
      {starred.isPending ? <Progress bare label={t('loading')} /> : null}
      {starred.data?.rows.length === 0 ? (
        <div className={classes.middle}>
          <Empty title={t('starred.none')}>{t('starred.why')}</Empty>
        </div>
      ) : null}
      {starred.data && starred.data.rows.length > 0 ? (
        <div className={classes.rows}>
          <NodeRows rows={starred.data.rows} label={t('starred.title')} />
        </div>
      ) : null}
    </>
  );
}
