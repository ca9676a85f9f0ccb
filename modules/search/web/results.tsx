import { contactNumberVerb } from '@liaison/contacts';
import { isPassing, Slot, Trouble, useApiPages, useMembership } from '@liaison/core/web';
import { Button, Progress } from '@liaison/ui';
import { IconPhone } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { type SearchAnswer, search } from '../contract/index.ts';
import { FoundRow } from './found-row.tsx';
import classes from './search.module.css';
import { Teaching } from './teaching.tsx';

/** What was found, with what was understood of the question before it. The last answer stays until the next one is there. */
export function Results({
  q,
  isTyping,
  onQuery,
}: {
  q: string;
  isTyping: boolean;
  onQuery: (q: string) => void;
}) {
  const { t } = useTranslation('search');
  const found = useApiPages(search, q === '' ? null : { query: { q, limit: 20 } }, {
    staleMs: 5_000,
    keepLast: true,
  });
  // What a team had is no longer for whoever left it, and is for whoever came.
  useMembership(() => {
    if (q !== '') void found.refetch();
  });
  if (q === '') return <Teaching title={t('start.title')} q={q} onQuery={onQuery} />;
  const { first, rows = [] } = found;
  const isBusy = isTyping || (found.isFetching && !found.isFetchingNextPage);
  if (found.error && !first) {
    return (
      <Trouble
        error={found.error}
        title={t('trouble')}
        actions={
          isPassing(found.error) ? <Button onClick={() => void found.refetch()}>{t('again')}</Button> : null
        }
      />
    );
  }
  if (!first) return <Progress bare label={t('looking')} />;
  return (
    <>
      <p className={classes.status} role="status">
        {isBusy || rows.length === 0 ? '' : t('found', { count: rows.length })}
      </p>
      <Trouble error={found.error} title={t('trouble')} />
      <Understood answer={first} onQuery={onQuery} />
      {rows.length > 0 ? (
        <ol className={classes.list} aria-label={t('results')} aria-busy={isBusy}>
          {rows.map((item) => (
            <FoundRow key={`${item.kind} ${item.id}`} item={item} />
          ))}
        </ol>
      ) : isBusy ? null : first.understood.numbers.length > 0 ? (
        <p className={classes.remark}>{t('numberAlone')}</p>
      ) : (
        <Teaching title={t('nothing.title')} why={t('nothing.why')} q={q} onQuery={onQuery} />
      )}
      {found.hasNextPage ? (
        <div className={classes.more}>
          <Button
            variant="default"
            loading={found.isFetchingNextPage}
            // More of another spelling is asked for by that spelling.
            onClick={() => (first.instead ? onQuery(first.instead.q) : void found.fetchNextPage())}
          >
            {t('more')}
          </Button>
        </div>
      ) : rows.length >= 200 ? (
        <p className={classes.remark}>{t('most')}</p>
      ) : null}
    </>
  );
}

/** Another spelling that was looked for, what could not be asked, and numbers that can be called. */
function Understood({ answer, onQuery }: { answer: SearchAnswer; onQuery: (q: string) => void }) {
  const { t } = useTranslation('search');
  const { instead, remarks, understood } = answer;
  return (
    <>
      {instead ? (
        <p className={classes.remark}>
          {t('instead')}{' '}
          <button type="button" className={classes.link} onClick={() => onQuery(instead.q)}>
            {instead.q}
          </button>
        </p>
      ) : null}
      {remarks.map((remark) => (
        <p key={`${remark.is} ${remark.name}`} className={classes.remark}>
          {t(`remark.${remark.is}`, { name: remark.name })}
        </p>
      ))}
      {understood.numbers.map((number) => (
        <div key={number} className={classes.number}>
          <IconPhone size={20} />
          <span className={classes.numberWords}>{number}</span>
          <Slot
            slot={contactNumberVerb}
            number={number}
            name={number}
            asButton
            empty={
              <Button href={`tel:${number}`} leftSection={<IconPhone size={18} />}>
                {t('call')}
              </Button>
            }
          />
        </div>
      ))}
    </>
  );
}
