import { Button, ErrorNote, PageHeader, Refusal, Select } from '@liaison/ui';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Book } from '../../contract/index.ts';
import { contactPath, useGo } from '../go.ts';
import type { ContactsSearch } from '../index.tsx';
import { ContactForm } from './contact-form.tsx';

/** A new card, in the reader's own book unless she chooses another. */
export function NewContact({ books }: { books: readonly Book[] }) {
  const { t } = useTranslation('contacts');
  const go = useGo();
  const { number, name, email } = useSearch({ strict: false }) as ContactsSearch;
  const [chosen, setChosen] = useState<string | null>(null);
  const isOpen = chosen === null || books.some(({ id }) => id === chosen);
  const bookId =
    (isOpen ? chosen : null) ?? books.find(({ kind }) => kind === 'personal')?.id ?? books[0]?.id;
  if (bookId === undefined) {
    return (
      <>
        <PageHeader title={t('new.title')} />
        {books.length === 0 ? (
          <Refusal title={t('new.nowhere')} actions={<Button href="/contacts">{t('missing.toAll')}</Button>}>
            {t('new.nowhereWhy')}
          </Refusal>
        ) : null}
      </>
    );
  }
  return (
    <ContactForm
      // From another card the page is here before its address says with what it begins.
      key={JSON.stringify([name, number, email])}
      bookId={bookId}
      given={{ ...(name ? { name } : {}), ...(number ? { number } : {}), ...(email ? { email } : {}) }}
      onDone={(contact) => go(contact ? contactPath(contact.id) : '/contacts')}
      place={
        <>
          {books.length > 1 ? (
            <Select
              label={t('field.book')}
              description={t('field.bookHint')}
              data={books.map((book) => ({ value: book.id, label: book.name || t('scope.own') }))}
              value={bookId}
              onChange={setChosen}
              allowDeselect={false}
            />
          ) : null}
          {isOpen ? null : (
            <ErrorNote title={t('new.bookClosed')}>
              {t('new.bookClosedWhy', {
                name: books.find(({ id }) => id === bookId)?.name || t('scope.own'),
              })}
            </ErrorNote>
          )}
        </>
      }
    />
  );
}
