import { invalidate, useApi, useLiveEvent, useMembership, usePageTitle } from '@liaison/core/web';
import { Button, Empty, IconButton, ListPane, PageHeader, Panes, useFileDrop } from '@liaison/ui';
import { IconCake, IconCopyMinus, IconFileImport, IconListCheck, IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useParams, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  contactsChanged,
  getContact,
  listBooks,
  listContacts,
  listDuplicates,
  listLabels,
  namesOfNumbers,
  nextBirthdays,
} from '../contract/index.ts';
import { ContactPage } from './card/contact-page.tsx';
import { NewContact } from './card/new-contact.tsx';
import classes from './contacts.module.css';
import { useGo } from './go.ts';
import { ContactsList } from './list/contacts-list.tsx';
import { ListTools } from './list/list-tools.tsx';
import { NoContacts } from './list/no-contacts.tsx';
import { SelectionVerbs } from './list/selection-verbs.tsx';
import { useListFilter } from './list/use-list-filter.ts';
import { useSelection } from './list/use-selection.ts';
import { useRightsChanged } from './state/use-rights-changed.ts';
import { useSorting } from './state/use-sorting.ts';

const ImportPage = lazy(() => import('./import/import-page.tsx'));
const DuplicatesPage = lazy(() => import('./merge/duplicates-page.tsx'));
const BirthdaysPage = lazy(() => import('./birthdays-page.tsx'));

/** Everybody whom one may want to reach: colleagues, the cards of one's own book and of one's teams; and the one that is chosen. */
export function ContactsPage() {
  const { t } = useTranslation('contacts');
  const go = useGo();
  const client = useQueryClient();
  const { contactId } = useParams({ strict: false }) as { contactId?: string };
  const place = useRouterState({ select: ({ location }) => location.pathname.split('/')[2] ?? '' });
  const books = useApi(listBooks);
  const filter = useListFilter(books.data?.rows);
  const sorting = useSorting();
  const writable = (books.data?.rows ?? []).filter(({ right }) => right === 'write' || right === 'manage');
  usePageTitle(t('title'));
  useMembership(({ member }) => {
    // The group may have been of a book that is closed to her now.
    if (!member) filter.setLabel(null);
    void books.refetch();
  });
  useRightsChanged(() => void invalidate(client, [listBooks, listContacts, listLabels, getContact]));
  useLiveEvent(contactsChanged, ({ data }) => {
    void invalidate(client, [
      listContacts,
      listLabels,
      listDuplicates,
      namesOfNumbers,
      nextBirthdays,
      ...data.contactIds
        .slice(0, 50)
        .map((id) => [getContact, { params: { contactId: id } }] as [typeof getContact, object]),
    ]);
  });
  const mayWrite = writable.length > 0;
  const some = useApi(listContacts, place === '' ? { query: { limit: 1 } } : null);
  const none = some.data?.rows.length === 0;
  const selection = useSelection();
  const known = books.data && new Set(books.data.rows.map(({ id }) => id));
  // Those of a book that is closed by now are not chosen any more.
  const selected = [...(selection.rows?.values() ?? [])].filter(({ bookId }) => known?.has(bookId) ?? true);
  const [dropped, setDropped] = useState<File | null>(null);
  const drop = useFileDrop(
    mayWrite
      ? ({ files }) => {
          if (!files[0]) return;
          setDropped(files[0]);
          go('/contacts/import');
        }
      : null,
  );
  return (
    <Panes
      listWidth={304}
      view={place === '' ? 'list' : 'page'}
      onShowList={() => go('/contacts')}
      list={
        <ListPane
          title={t('title')}
          actions={
            <span className={classes.listVerbs}>
              <IconButton
                aria-label={t('several.choose')}
                on={selection.rows !== null}
                onClick={selection.rows === null ? selection.start : selection.end}
              >
                <IconListCheck size={19} />
              </IconButton>
              <IconButton aria-label={t('birthdays.title')} href="/contacts/birthdays">
                <IconCake size={19} />
              </IconButton>
              {mayWrite ? (
                <>
                  <IconButton aria-label={t('duplicates.title')} href="/contacts/duplicates">
                    <IconCopyMinus size={19} />
                  </IconButton>
                  <IconButton aria-label={t('import.title')} href="/contacts/import">
                    <IconFileImport size={19} />
                  </IconButton>
                  <IconButton aria-label={t('new.title')} href="/contacts/new">
                    <IconPlus size={19} />
                  </IconButton>
                </>
              ) : null}
            </span>
          }
          tools={<ListTools filter={filter} sorting={sorting} books={books.data?.rows ?? []} />}
        >
          <ContactsList
            filter={filter}
            sortBy={sorting.by}
            selectedId={contactId}
            mayWrite={mayWrite}
            selection={selection}
            booksError={books.error}
            drop={drop}
          />
          {selection.rows ? <SelectionVerbs selection={selection} rows={selected} books={writable} /> : null}
        </ListPane>
      }
    >
      <Suspense fallback={<PageHeader title={t('title')} />}>
        {place === 'new' ? (
          <NewContact books={writable} />
        ) : place === 'import' ? (
          <ImportPage
            books={writable}
            all={books.data?.rows ?? []}
            first={dropped}
            onFirstTaken={() => setDropped(null)}
          />
        ) : place === 'duplicates' ? (
          <DuplicatesPage books={writable} />
        ) : place === 'birthdays' ? (
          <BirthdaysPage />
        ) : contactId ? (
          <ContactPage key={contactId} contactId={contactId} books={books.data?.rows ?? []} />
        ) : (
          <>
            <PageHeader title={t('title')} />
            {none ? (
              <NoContacts mayWrite={mayWrite} />
            ) : (
              <Empty
                title={t('choose.title')}
                actions={mayWrite ? <Button href="/contacts/new">{t('empty.add')}</Button> : null}
              >
                {t('choose.why')}
              </Empty>
            )}
          </>
        )}
      </Suspense>
    </Panes>
  );
}
