import { dayOf, formatTitle, Trouble, useApi, useFormat, usePageTitle } from '@liaison/core/web';
import { Empty, Face, PageBody, PageHeader, Progress, Row, Rows } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import { nextBirthdays } from '../contract/index.ts';
import { contactPath } from './go.ts';

const days = 90;

/** Whose birthday is next, for three months. */
export default function BirthdaysPage() {
  const { t } = useTranslation('contacts');
  const { locale, timeZone } = useFormat();
  const today = dayOf(Date.now(), timeZone);
  const found = useApi(nextBirthdays, { query: { from: today, days } });
  usePageTitle(t('birthdays.title'));
  const date = new Intl.DateTimeFormat(locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    timeZone: 'UTC',
  });
  return (
    <>
      <PageHeader title={t('birthdays.title')} meta={t('birthdays.until', { count: days })} />
      <PageBody label={t('birthdays.title')} rows>
        <Trouble error={found.error} />
        {found.isPending ? <Progress bare label={t('loading')} /> : null}
        <Rows label={t('birthdays.title')}>
          {found.data?.rows.map((row) => {
            const when =
              row.date === today
                ? t('birthdays.today')
                : formatTitle(date.format(new Date(`${row.date}T00:00:00Z`)), { locale });
            return (
              <Row
                key={`${row.contactId} ${row.date}`}
                href={contactPath(row.contactId)}
                face={<Face name={row.name} id={row.contactId} size={36} />}
                name={row.name}
                second={row.turns === null ? when : t('birthdays.turns', { when, count: row.turns })}
              />
            );
          })}
        </Rows>
        {found.data?.rows.length === 0 ? (
          <Empty title={t('birthdays.none')}>{t('birthdays.noneWhy')}</Empty>
        ) : null}
      </PageBody>
    </>
  );
}
