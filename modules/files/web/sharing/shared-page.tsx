import { routeKey, useApi } from '@liaison/core/web';
import { Empty, PageHeader, Progress } from '@liaison/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { listLinks, listShared } from '../../contract/index.ts';
import classes from '../files.module.css';
import { NodeRows } from '../search-results.tsx';
import { elsewhereMs, useElsewhere } from '../state/use-node.ts';
import { Trouble } from '../trouble.tsx';
import { LinkRows } from './link-rows.tsx';

/** What others gave me out of places that are not mine. */
export function SharedPage() {
  const { t } = useTranslation('files');
  const shared = useApi(listShared, {}, { staleMs: 0, everyMs: elsewhereMs });
  useElsewhere(() => void shared.refetch());
  return (
    <>
      <PageHeader title={t('shared.title')} />
      <Trouble error={shared.error} />
      {shared.isPending ? <Progress bare label={t('loading')} /> : null}
      {shared.data?.rows.length === 0 ? (
        <div className={classes.middle}>
          <Empty title={t('shared.none')}>{t('shared.why')}</Empty>
        </div>
      ) : null}
      {shared.data && shared.data.rows.length > 0 ? (
        <div className={classes.rows}>
          <NodeRows rows={shared.data.rows} label={t('shared.title')} />
        </div>
      ) : null}
    </>
  );
}

/** The links of a space that lead strangers in. */
export function LinksPage({ treeId }: { treeId: string }) {
  const { t } = useTranslation('files');
  const queries = useQueryClient();
  const links = useApi(listLinks, { params: { treeId } }, { staleMs: 0 });
  return (
    <>
      <PageHeader title={t('link.title')} />
      <Trouble error={links.error} />
      {links.isPending ? <Progress bare label={t('loading')} /> : null}
      {links.data?.rows.length === 0 ? (
        <div className={classes.middle}>
          <Empty title={t('link.none')}>{t('link.why')}</Empty>
        </div>
      ) : null}
      {links.data && links.data.rows.length > 0 ? (
        <div className={classes.rows}>
          <LinkRows
            isNamed
            links={links.data.rows}
            onChange={() => void queries.invalidateQueries({ queryKey: routeKey(listLinks) })}
          />
        </div>
      ) : null}
    </>
  );
}
