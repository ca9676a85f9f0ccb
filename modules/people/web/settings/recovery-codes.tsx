import { Actions, Button, ErrorNote } from '@liaison/ui';
import { IconCopy, IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { copyText } from '../shared/copy-button.tsx';
import { saveFile } from '../shared/save-file.ts';
import classes from './settings.module.css';

/** Codes that open the account without the telephone. Shown this once, so they must be taken along before going on. */
export function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const { t } = useTranslation('people');
  const [copied, setCopied] = useState(false);
  const text = codes.join('\n');
  return (
    <div className={classes.stack}>
      <ErrorNote tone="warn" title={t('security.recovery.title')}>
        {t('security.recovery.why')}
      </ErrorNote>
      <ul className={classes.codes} aria-label={t('security.recovery.list')}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Actions>
        <Button
          variant="default"
          leftSection={<IconDownload size={17} />}
          onClick={() => saveFile('liaison-recovery-codes.txt', `${text}\n`, 'text/plain')}
        >
          {t('security.recovery.save')}
        </Button>
        <Button
          variant="default"
          leftSection={<IconCopy size={17} />}
          onClick={() => void copyText(text).then(setCopied)}
        >
          {copied ? t('copied') : t('security.recovery.copy')}
        </Button>
        <Button onClick={onKept}>{t('security.recovery.kept')}</Button>
      </Actions>
    </div>
  );
}
