import {
  codeOf,
  LiveText,
  routeUrl,
  Slot,
  Trouble,
  useAction,
  useApi,
  useApiPages,
  useFormat,
} from '@liaison/core/web';
import {
  Button,
  Face,
  IconButton,
  Menu,
  PageBody,
  PageHeader,
  Progress,
  Refusal,
  Tag,
  useLabels,
  useToasts,
} from '@liaison/ui';
import {
  IconBook2,
  IconBuilding,
  IconDots,
  IconFileExport,
  IconMail,
  IconPencil,
  IconTrash,
} from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type Book,
  type Contact,
  contactNumberVerb,
  contactSections,
  deleteContacts,
  exportContact,
  getContact,
  listContacts,
  moveContacts,
  restoreContacts,
} from '../../contract/index.ts';
import classes from '../contacts.module.css';
import { contactPath, photoOf, useGo } from '../go.ts';
import { ContactLine } from '../list/contacts-list.tsx';
import { MoveDialog } from '../list/move-dialog.tsx';
import { useSorting } from '../state/use-sorting.ts';
import { ContactFacts } from './contact-facts.tsx';
import { ContactForm } from './contact-form.tsx';

/** One card: who it is, how she is reached, what is known of her; and the form that changes it. */
export function ContactPage({ contactId, books }: { contactId: string; books: readonly Book[] }) {
  const { t } = useTranslation('contacts');
  const contact = useApi(getContact, { params: { contactId } });
  const [isEdited, setEdited] = useState(false);
  if (contact.data && !(contact.error && codeOf(contact.error) === 'not-found')) {
    return isEdited ? (
      <ContactForm contact={contact.data} bookId={contact.data.bookId} onDone={() => setEdited(false)} />
    ) : (
      <Card contact={contact.data} books={books} onEdit={() => setEdited(true)} />
    );
  }
  return (
    <>
      <PageHeader title={t('title')} />
      {contact.error && codeOf(contact.error) === 'not-found' ? (
        <Refusal title={t('missing.title')} actions={<Button href="/contacts">{t('missing.toAll')}</Button>}>
          {t('missing.why')}
        </Refusal>
      ) : contact.error ? (
        <Trouble error={contact.error} />
      ) : (
        <Progress bare label={t('loading')} />
      )}
    </>
  );
}

function Card({ contact, books, onEdit }: { contact: Contact; books: readonly Book[]; onEdit: () => void }) {
  const { t } = useTranslation('contacts');
  const labels = useLabels();
  const format = useFormat();
  const go = useGo();
  const toasts = useToasts();
  const mayWrite = contact.right === 'write' || contact.right === 'manage';
  const book = books.find(({ id }) => id === contact.bookId);
  const restore = useAction(restoreContacts, { onDone: () => go(contactPath(contact.id)) });
  const remove = useAction(deleteContacts, {
    onDone: () => {
      go('/contacts');
      toasts.show({
        id: 'contact-deleted',
        text: t('deleted', { name: contact.name }),
        durationMs: 20_000,
        action: {
          label: t('undo'),
          onSelect: () => restore.mutate({ body: { contactIds: [contact.id] } }),
        },
      });
    },
  });
  const writable = books.filter(({ right }) => right === 'write' || right === 'manage');
  const [isMoving, setMoving] = useState(false);
  const moveBack = useAction(moveContacts);
  const moved = (name: string, from: readonly { bookId: string; contactIds: string[] }[]): void => {
    setMoving(false);
    toasts.show({
      id: 'contact-moved',
      text: t('several.moved', { name, count: 1 }),
      durationMs: 20_000,
      ...(from[0]
        ? { action: { label: t('undo'), onSelect: () => moveBack.mutate({ body: from[0]! }) } }
        : {}),
    });
  };
  const number = contact.numbers[0];
  const email = contact.emails[0];
  const where = [contact.title, contact.kind === 'company' ? '' : contact.organisation];
  return (
    <>
      <PageHeader
        title={contact.name}
        meta={book ? book.name || t('scope.own') : undefined}
        actions={
          <Menu position="bottom-end">
            <Menu.Target>
              <IconButton aria-label={t('more', { name: contact.name })}>
                <IconDots size={19} />
              </IconButton>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item
                component="a"
                href={routeUrl(exportContact, { params: { contactId: contact.id } })}
                download
                leftSection={<IconFileExport size={16} />}
              >
                {t('exportOne')}
              </Menu.Item>
              {mayWrite && writable.length > 1 ? (
                <Menu.Item leftSection={<IconBook2 size={16} />} onClick={() => setMoving(true)}>
                  {t('several.moveTitle')}
                </Menu.Item>
              ) : null}
              {mayWrite ? (
                <Menu.Item
                  leftSection={<IconTrash size={16} />}
                  onClick={() => remove.mutate({ body: { contactIds: [contact.id] } })}
                >
                  {t('delete')}
                </Menu.Item>
              ) : null}
            </Menu.Dropdown>
          </Menu>
        }
      />
      {isMoving ? (
        <MoveDialog
          contactIds={[contact.id]}
          books={writable.filter(({ id }) => id !== contact.bookId)}
          onClose={() => setMoving(false)}
          onMoved={moved}
        />
      ) : null}
      <PageBody label={contact.name}>
        <div className={classes.card}>
          <div className={classes.who}>
            <Face
              name={contact.name}
              id={contact.id}
              size={88}
              {...photoOf(contact)}
              {...(contact.kind === 'company' ? { square: true, icon: <IconBuilding size={36} /> } : {})}
            />
            <div className={classes.whoWords}>
              <p className={classes.bigName}>{contact.name}</p>
              {where.some(Boolean) ? (
                <p className={classes.role}>
                  {contact.title}
                  {contact.title && where[1] ? ', ' : ''}
                  {where[1] && contact.companyId ? (
                    <a
                      href={contactPath(contact.companyId)}
                      onClick={(event) => {
                        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                        event.preventDefault();
                        go(contactPath(contact.companyId ?? ''));
                      }}
                    >
                      {where[1]}
                    </a>
                  ) : (
                    where[1]
                  )}
                </p>
              ) : null}
              {contact.labels.length > 0 ? (
                <p className={classes.tags}>
                  {contact.labels.map((label) => (
                    <Tag key={label}>{label}</Tag>
                  ))}
                </p>
              ) : null}
            </div>
          </div>
          <div className={classes.verbs}>
            {number ? (
              <Slot
                slot={contactNumberVerb}
                number={number.e164 ?? number.number}
                name={contact.name}
                asButton
                empty={
                  <Button variant="call" size="md" href={`tel:${number.e164 ?? number.number}`}>
                    {labels.call}
                  </Button>
                }
              />
            ) : null}
            {email ? (
              <Button
                variant="default"
                size="md"
                leftSection={<IconMail size={18} />}
                href={`mailto:${email.address}`}
              >
                {t('write')}
              </Button>
            ) : null}
            {mayWrite ? (
              <Button variant="default" size="md" leftSection={<IconPencil size={18} />} onClick={onEdit}>
                {t('editVerb')}
              </Button>
            ) : null}
          </div>
          <Trouble error={remove.error ?? restore.error ?? moveBack.error} />
          <ContactFacts contact={contact} />
          {contact.notes ? (
            <section className={classes.block} aria-label={t('field.notes')}>
              <h2>{t('field.notes')}</h2>
              <p className={classes.notes}>
                <LiveText text={contact.notes} writtenBy={contact.changedById} />
              </p>
            </section>
          ) : null}
          {contact.kind === 'company' ? <CompanyPeople companyId={contact.id} /> : null}
          <Slot slot={contactSections} contact={contact} />
          <p className={classes.changed}>{t('changedAt', { time: format.row(contact.changedAt) })}</p>
        </div>
      </PageBody>
    </>
  );
}

/** Who works there. */
function CompanyPeople({ companyId }: { companyId: string }) {
  const { t } = useTranslation('contacts');
  const sorting = useSorting();
  const people = useApiPages(
    listContacts,
    { query: { companyId, limit: 50, ...(sorting.by === 'family' ? { sort: sorting.by } : {}) } },
    { keepLast: true },
  );
  return (
    <section className={classes.block} aria-label={t('company.people')}>
      <h2>{t('company.people')}</h2>
      <Trouble error={people.error} />
      {people.rows?.length === 0 ? <p className={classes.quiet}>{t('company.nobody')}</p> : null}
      {people.rows?.map((row) => (
        <ContactLine key={row.id} row={row} />
      ))}
      {people.hasNextPage ? (
        <Button
          variant="subtle"
          loading={people.isFetchingNextPage}
          onClick={() => void people.fetchNextPage()}
        >
          {t('showMore')}
        </Button>
      ) : null}
    </section>
  );
}
