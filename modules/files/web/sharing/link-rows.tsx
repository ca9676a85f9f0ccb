import { api, useFormat } from '@liaison/core/web';
import { Button, Row, Rows, useToasts } from '@liaison/ui';
import { IconLink } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type FileLink, revokeLink } from '../../contract/index.ts';
import classes from '../files.module.css';
import { Trouble } from '../trouble.tsx';

/** Links with how much they were used, to be copied again or taken back. */
export function LinkRows({
  links,
  onChange,
  isNamed = false,
}: {
  links: readonly FileLink[];
  onChange: () => void;
  /** Says what each leads to, where they lead to different things. */
  isNamed?: boolean;
}) {
  const { t } = useTranslation('files');
  const format = useFormat();
  const toasts = useToasts();
  const end = useMutation({
    mutationFn: (linkId: string) => api(revokeLink, { params: { linkId } }),
    onSuccess: onChange,
  });
  const copy = async (link: FileLink): Promise<void> => {
    const address = `${location.origin}${link.path}`;
    try {
      await navigator.clipboard.writeText(address);
      toasts.show({ text: t('link.copied') });
    } catch {
      // Over plain HTTP a page has no clipboard; then it can be read and copied by hand.
      toasts.show({ text: address });
    }
  };
  return (
    <>
      <Trouble error={end.error} />
      <Rows label={t('link.title')}>
        {links.map((link) => (
          <Row
            key={link.id}
            face={<IconLink />}
            name={isNamed ? link.nodeName || t('link.wholeSpace') : t(`link.may.${link.mode}`)}
            second={[
              isNamed ? t(`link.may.${link.mode}`) : null,
              link.hasPassword ? t('link.withPassword') : null,
              link.until === null ? null : t('share.until', { when: format.dateTime(link.until) }),
              t('link.opened', { count: link.opened }),
              link.mode === 'upload'
                ? null
                : link.mostDownloads === null
                  ? t('link.downloads', { count: link.downloads })
                  : t('link.downloadsOf', {
                      done: format.number(link.downloads),
                      most: format.number(link.mostDownloads),
                    }),
            ]
              .filter((each) => each !== null)
              .join(' · ')}
            action={
              <span className={classes.rowVerbs}>
                <Button size="sm" variant="default" onClick={() => void copy(link)}>
                  {t('link.copy')}
                </Button>
                <Button size="sm" variant="default" onClick={() => end.mutate(link.id)}>
                  {t('link.end')}
                </Button>
              </span>
            }
          />
        ))}
      </Rows>
    </>
  );
}
