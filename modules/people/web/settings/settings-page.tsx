import { PageBody, PageHeader } from '@liaison/ui';
import type { ReactNode } from 'react';

/** What all pages of settings look like. */
export function SettingsPage({
  title,
  meta,
  actions,
  children,
}: {
  title: string;
  meta?: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <>
      <PageHeader title={title} {...(meta ? { meta } : {})} {...(actions ? { actions } : {})} />
      <PageBody padded label={title}>
        {children}
      </PageBody>
    </>
  );
}
