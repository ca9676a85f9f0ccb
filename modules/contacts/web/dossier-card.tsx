import { localeFor, useApi, useFormat } from '@liaison/core/web';
import { DossierItem, DossierNote, DossierSection, Link } from '@liaison/ui';
import { IconAddressBook } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { type Birthday, getContact, namesOfNumbers } from '../contract/index.ts';
import { birthdayText } from './card/birthday-text.ts';
import { contactPath } from './go.ts';

/** A birthday is told of this many days ahead. */
const soonDays = 14;
const noteCharacters = 240;

/** Of somebody outside who rings: her card, or a way to make one. */
export function CallerCard({ number, contactId }: { number: string | null; contactId: string | null }) {
  const { t } = useTranslation('contacts-nav');
  const asked = number === null || contactId !== null ? null : { query: { numbers: number } };
  const names = useApi(namesOfNumbers, asked);
  const known = contactId ?? names.data?.rows[0]?.contactId;
  if (known) return <Card contactId={known} />;
  if (number === null || !names.data) return null;
  return (
    <DossierSection
      icon={<IconAddressBook size={16} />}
      title={t('card.title')}
      action={<Link href={`/contacts/new?${new URLSearchParams({ number })}`}>{t('card.add')}</Link>}
    >
      <DossierNote>{t('card.unknown')}</DossierNote>
    </DossierSection>
  );
}

/** Of a colleague whose number stands in my books as well: what is noted there. */
export function CardOfPerson({ person }: { person: { numbers: readonly { e164: string }[] } }) {
  const numbers = person.numbers.map(({ e164 }) => e164).join(',');
  const names = useApi(namesOfNumbers, numbers === '' ? null : { query: { numbers } });
  const known = names.data?.rows[0]?.contactId;
  return known ? <Card contactId={known} /> : null;
}

function Card({ contactId }: { contactId: string }) {
  const { t, i18n } = useTranslation('contacts-nav');
  const { timeZone } = useFormat();
  const { data: contact } = useApi(getContact, { params: { contactId } });
  if (!contact) return null;
  const notes = contact.notes.trim();
  const short = notes.length > noteCharacters ? `${notes.slice(0, noteCharacters).trimEnd()}…` : notes;
  const birthday =
    contact.birthday && isSoon(contact.birthday, timeZone)
      ? birthdayText({ ...contact.birthday, year: null }, localeFor(i18n.language))
      : null;
  return (
    <DossierSection icon={<IconAddressBook size={16} />} title={t('card.title')}>
      <DossierItem
        title={contact.name}
        second={[contact.title, contact.organisation].filter(Boolean).join(', ')}
        href={contactPath(contact.id)}
      />
      {birthday ? <DossierNote>{t('card.birthday', { date: birthday })}</DossierNote> : null}
      {short ? <DossierNote>{short}</DossierNote> : null}
    </DossierSection>
  );
}

/** Today or within the next days, where the reader is; who was born on a 29 February is told of at the end of the month. */
function isSoon({ month, day }: Birthday, timeZone: string): boolean {
  const today = new Intl.DateTimeFormat('en-CA', { timeZone }).format(Date.now());
  const start = Date.parse(`${today}T00:00:00Z`);
  const year = Number(today.slice(0, 4));
  return [year, year + 1].some((each) => {
    const last = new Date(Date.UTC(each, month, 0)).getUTCDate();
    const at = Date.UTC(each, month - 1, Math.min(day, last));
    return at >= start && at <= start + soonDays * 86_400_000;
  });
}
