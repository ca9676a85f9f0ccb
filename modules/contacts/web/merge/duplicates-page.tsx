import { Trouble, useAction, useApi, usePageTitle } from '@liaison/core/web';
import { Button, Empty, PageBody, PageHeader, Progress, Select, useToasts } from '@liaison/ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Book, type ContactRow, listContacts, listDuplicates, undoMerge } from '../../contract/index.ts';
import classes from '../contacts.module.css';
import { ContactLine } from '../list/contacts-list.tsx';
import { MergeDialog } from './merge-dialog.tsx';

/** Cards of a book that may be the same, to be compared and made one. */
export default function DuplicatesPage({ books }: { books: readonly Book[] }) {
  const { t } = useTranslation('contacts');
  const toasts = useToasts();
  const [chosen, setChosen] = useState<string | null>(null);
  const [compared, setCompared] = useState<readonly ContactRow[] | null>(null);
  const bookId = (books.find(({ id }) => id === chosen) ?? books[0])?.id;
  const found = useApi(listDuplicates, bookId ? { params: { bookId } } : null);
  const undo = useAction(undoMerge, { invalidates: [listDuplicates, listContacts] });
  usePageTitle(t('duplicates.title'));
  return (
    <>
      <PageHeader title={t('duplicates.title')} />
      <PageBody label={t('duplicates.title')}>
        <div className={classes.narrowPage}>
          {books.length > 1 ? (
            <Select
              label={t('field.book')}
              data={books.map((book) => ({ value: book.id, label: book.name || t('scope.own') }))}
              value={bookId ?? null}
              onChange={setChosen}
              allowDeselect={false}
            />
          ) : null}
          <Trouble error={found.error ?? undo.error} />
          {found.isPending && bookId ? <Progress bare label={t('loading')} /> : null}
          {found.data?.rows.map((group) => (
            <section key={group.contacts.map(({ id }) => id).join()} className={classes.group}>
              <div className={classes.groupHead}>
                <span>{t(`duplicates.reason.${group.reason}`)}</span>
                <Button variant="default" onClick={() => setCompared(group.contacts)}>
                  {t('merge.compare')}
                </Button>
              </div>
              {group.contacts.map((row) => (
                <ContactLine key={row.id} row={row} />
              ))}
            </section>
          ))}
        </div>
        {found.data?.rows.length === 0 ? (
          <Empty title={t('duplicates.none')}>{t('duplicates.noneWhy')}</Empty>
        ) : null}
      </PageBody>
      {compared && compared[0]?.bookId === bookId ? (
        <MergeDialog
          rows={compared}
          onClose={() => setCompared(null)}
          onMerged={({ contact, mergeId }) => {
            setCompared(null);
            toasts.show({
              id: 'merged',
              text: t('merge.done', { name: contact.name }),
              durationMs: 30_000,
              action: { label: t('undo'), onSelect: () => undo.mutate({ params: { mergeId } }) },
            });
          }}
        />
      ) : null}
    </>
  );
}
