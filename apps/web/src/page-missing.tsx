import { Button, Panes, Refusal } from '@liaison/ui';
import { IconSearchOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

/** An address that no page has. */
export function PageMissing() {
  const { t } = useTranslation('shell');
  return (
    <Panes>
      <Refusal
        isPage
        title={t('missing.title')}
        icon={<IconSearchOff size={24} />}
        actions={<Button href="/">{t('missing.home')}</Button>}
      >
        {t('missing.why')}
      </Refusal>
    </Panes>
  );
}
