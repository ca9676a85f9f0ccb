import { usePageTitle } from '@liaison/core/web';
import { Button, PageHeader, Refusal } from '@liaison/ui';
import { IconSearchOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

/** An address below a frame's own that no page has: the frame stays, with all its pages beside it. */
export function NoPage({ title, back, verb }: { title: string; back: string; verb: string }) {
  const { t } = useTranslation('people');
  usePageTitle(t('noPage.title'));
  return (
    <>
      <PageHeader title={title} />
      <Refusal
        title={t('noPage.title')}
        icon={<IconSearchOff size={24} />}
        actions={<Button href={back}>{verb}</Button>}
      >
        {t('noPage.why')}
      </Refusal>
    </>
  );
}
