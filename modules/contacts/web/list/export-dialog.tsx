import { RequestProblem, routeUrl, Trouble } from '@liaison/core/web';
import { Button, Dialog } from '@liaison/ui';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type ExportFormat, exportContacts, exportFormats } from '../../contract/index.ts';
import classes from '../contacts.module.css';

/** A question with a body, so that hundreds of ids may be in it; no link can ask it. */
async function ask(contactIds: readonly string[], format: ExportFormat): Promise<Blob> {
  const answer = await fetch(routeUrl(exportContacts), {
    method: exportContacts.method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ contactIds, format }),
  }).catch((cause: unknown) => {
    throw new RequestProblem(0, 'offline', 'The server cannot be reached.', { cause });
  });
  if (!answer.ok) throw RequestProblem.of(await answer.json());
  return answer.blob();
}

/** The chosen cards as a file, in the form that another program reads. */
export function ExportDialog({
  contactIds,
  onClose,
}: {
  contactIds: readonly string[];
  onClose: () => void;
}) {
  const { t } = useTranslation('contacts');
  const save = useMutation({
    mutationFn: (format: ExportFormat) => ask(contactIds, format),
    onSuccess: (file, format) => {
      const address = URL.createObjectURL(file);
      const link = document.createElement('a');
      link.href = address;
      link.download = format === 'csv' ? 'contacts.csv' : 'contacts.vcf';
      link.click();
      // The browser has to have begun reading it.
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
      onClose();
    },
  });
  return (
    <Dialog opened onClose={onClose} title={t('export.title')}>
      <div className={classes.exports}>
        {exportFormats.map((format) => (
          <Button
            key={format}
            variant="default"
            loading={save.isPending && save.variables === format}
            onClick={() => save.mutate(format)}
          >
            {t(`export.${format}`)}
          </Button>
        ))}
      </div>
      <Trouble error={save.error} />
    </Dialog>
  );
}
