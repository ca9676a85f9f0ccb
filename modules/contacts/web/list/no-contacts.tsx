import { Button, Empty } from '@liaison/ui';
import { useTranslation } from 'react-i18next';

/** The first look: what the address book is for, and how it begins. */
export function NoContacts({ mayWrite }: { mayWrite: boolean }) {
  const { t } = useTranslation('contacts');
  return (
    <Empty
      title={t('empty.title')}
      actions={
        mayWrite ? (
          <>
            <Button href="/contacts/new">{t('empty.add')}</Button>
            <Button variant="default" href="/contacts/import">
              {t('empty.import')}
            </Button>
          </>
        ) : null
      }
    >
      {t('empty.why')}
    </Empty>
  );
}
