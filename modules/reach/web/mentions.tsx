import { useApi, useApiPages, useFormat } from '@liaison/core/web';
import { getPerson } from '@liaison/people';
import { DossierItem, DossierMore, DossierSection } from '@liaison/ui';
import { IconHash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { listNumberMentions, type NumberMention } from '../contract/index.ts';
import { useShownNumber } from './numbers/shown-number.tsx';

/** So many numbers of one person are looked at. */
const maxNumbers = 3;

/** A number as it was shown, without what stands between its digits; null where its country is not said. */
function e164Of(number: string | null): string | null {
  const bare = number?.replace(/[\s().\-/]/g, '').replace(/^00/, '+') ?? '';
  return /^\+[1-9]\d{2,14}$/.test(bare) ? bare : null;
}

/** Every place that mentions the number of whoever rings. */
export function CallerMentions({
  personId,
  number,
  contactId,
}: {
  personId: string | null;
  number: string | null;
  contactId: string | null;
}) {
  const person = useApi(getPerson, personId === null ? null : { params: { id: personId } });
  const e164 = personId === null ? e164Of(number) : (person.data?.numbers[0]?.e164 ?? null);
  const own = personId === null ? `/contacts/${contactId}` : `/people/${personId}`;
  return e164 === null ? null : <FewMentions e164={e164} own={own} />;
}

function FewMentions({ e164, own }: { e164: string; own: string }) {
  const { data } = useApi(
    listNumberMentions,
    { params: { e164 }, query: { limit: 4 } },
    // A right may have been taken back since the last ring.
    { staleMs: 0 },
  );
  return <Mentions e164={e164} rows={withoutOwn(data?.rows, own)?.slice(0, 3)} />;
}

/** Her own card or page says her number anyway, and stands beside this or around it. */
const withoutOwn = (rows: readonly NumberMention[] | undefined, own: string) =>
  rows?.filter(({ path }) => path !== own);

/** On a person's page: for each of her numbers, a few at a time. */
export function MentionsOfPerson({
  person,
}: {
  person: { id: string; numbers: readonly { e164: string }[] };
}) {
  return <MentionsOf numbers={person.numbers.map(({ e164 }) => e164)} own={`/people/${person.id}`} />;
}

/** The same on a card. */
export function MentionsOfContact({
  contact,
}: {
  contact: { id: string; numbers: readonly { e164: string | null }[] };
}) {
  return (
    <MentionsOf numbers={contact.numbers.flatMap(({ e164 }) => e164 ?? [])} own={`/contacts/${contact.id}`} />
  );
}

function MentionsOf({ numbers, own }: { numbers: readonly string[]; own: string }) {
  return [...new Set(numbers)]
    .slice(0, maxNumbers)
    .map((e164) => <AllMentions key={e164} e164={e164} own={own} />);
}

function AllMentions({ e164, own }: { e164: string; own: string }) {
  const { t } = useTranslation('reach');
  const pages = useApiPages(listNumberMentions, { params: { e164 }, query: { limit: 6 } }, { staleMs: 0 });
  return (
    <Mentions e164={e164} rows={withoutOwn(pages.rows, own)}>
      {pages.hasNextPage ? (
        <DossierMore loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t('mentions.more')}
        </DossierMore>
      ) : null}
    </Mentions>
  );
}

/** Nothing where nothing mentions it. */
function Mentions({
  e164,
  rows,
  children,
}: {
  e164: string;
  rows: readonly NumberMention[] | undefined;
  children?: ReactNode;
}) {
  const { t } = useTranslation('reach');
  const format = useFormat();
  const number = useShownNumber(e164);
  if (!rows || rows.length === 0) return null;
  return (
    <DossierSection icon={<IconHash size={16} />} title={t('mentions.title', { number })}>
      {rows.map((row) => (
        <DossierItem
          key={`${row.kind} ${row.id}`}
          title={row.title || row.passage.text}
          second={[row.container, row.title ? row.passage.text : ''].filter(Boolean).join(' · ')}
          time={format.row(row.at)}
          href={row.path}
        />
      ))}
      {children}
    </DossierSection>
  );
}
