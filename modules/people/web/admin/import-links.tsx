import { api, type RouteResult, Trouble } from '@liaison/core/web';
import { Button } from '@liaison/ui';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { makeImportLinks } from '../../contract/index.ts';
import { csvLine, saveFile } from '../shared/save-file.ts';

/** Fresh invitation links of everybody in an import who has not joined, as a file to send them from. */
export function ImportLinks({ importId }: { importId: string }) {
  const { t } = useTranslation('people');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const save = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      let text = csvLine([t('field.name'), t('field.address'), t('invite.link')]);
      let cursor: string | null = null;
      do {
        const page: RouteResult<typeof makeImportLinks> = await api(makeImportLinks, {
          params: { id: importId },
          query: cursor ? { cursor } : {},
        });
        for (const row of page.rows) text += csvLine([row.name, row.address, row.link]);
        cursor = page.next;
      } while (cursor);
      saveFile('invitations.csv', `\uFEFF${text}`, 'text/csv');
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button size="md" leftSection={<IconDownload size={17} />} loading={busy} onClick={() => void save()}>
        {t('import.links')}
      </Button>
      <Trouble error={error} />
    </>
  );
}
