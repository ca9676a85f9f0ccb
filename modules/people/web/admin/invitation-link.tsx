import { type RouteResult, useFormat } from '@liaison/core/web';
import { ErrorNote } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import type { renewInvitation } from '../../contract/index.ts';
import { SecretLine } from '../shared/secret-line.tsx';
import classes from './admin.module.css';

/** The link of an invitation, shown this once: whoever has it becomes this person. */
export function InvitationLink({ link }: { link: RouteResult<typeof renewInvitation> }) {
  const { t } = useTranslation('people');
  const format = useFormat();
  const { person, expiresAt, purpose } = link.invitation;
  return (
    <div className={classes.stack}>
      <p className={classes.text}>
        {t(purpose === 'join' ? 'invite.sendJoin' : 'invite.sendRenew', {
          name: person.name,
          until: format.day(expiresAt),
        })}
      </p>
      {link.elsewhere ? (
        <>
          <SecretLine text={link.elsewhere} label={t('invite.linkElsewhere')} copy={t('invite.copy')} />
          <SecretLine text={link.link} label={t('invite.linkHere')} copy={t('invite.copyHere')} />
        </>
      ) : (
        <SecretLine text={link.link} label={t('invite.link')} copy={t('invite.copy')} />
      )}
      <ErrorNote tone="warn" title={t('invite.once')}>
        {t('invite.onceWhy')}
      </ErrorNote>
    </div>
  );
}
