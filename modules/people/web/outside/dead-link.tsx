import { Button } from '@liaison/ui';
import { IconLinkOff } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './frame.module.css';

/** A one-time link that opens nothing: it was used, replaced, or is too old. */
export function DeadLink({
  title,
  children,
  signIn,
}: {
  title: string;
  children: ReactNode;
  signIn?: boolean;
}) {
  const { t } = useTranslation('people');
  return (
    <>
      <IconLinkOff size={30} aria-hidden="true" />
      <h1>{title}</h1>
      <p className={classes.lead}>{children}</p>
      <Button size="lg" variant={signIn ? 'filled' : 'default'} href="/sign-in" className={classes.wide}>
        {t('link.toSignIn')}
      </Button>
    </>
  );
}
