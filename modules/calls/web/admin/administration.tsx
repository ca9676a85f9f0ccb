import { Row } from '@liaison/ui';
import { IconDeviceLandlinePhone, IconPhoneCall, IconRadar } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';

const pages = {
  telephones: lazy(() => import('./telephones-page.tsx')),
  calls: lazy(() => import('./calls-page.tsx')),
  captures: lazy(() => import('./captures-page.tsx')),
};
const CallPage = lazy(() => import('./call-page.tsx'));
const rows = [
  ['telephones', IconDeviceLandlinePhone],
  ['calls', IconPhoneCall],
  ['captures', IconRadar],
] as const;

/** The pages of the telephone in the administration: `/admin/telephones`, `/admin/calls`, `/admin/captures`. */
export function CallsAdministration({ part, current }: { part: 'rows' | 'page'; current: string }) {
  const { t } = useTranslation('calls');
  const [id = '', rest = ''] = current.split('/');
  if (part === 'rows') {
    return rows.map(([page, Icon]) => (
      <Row
        key={page}
        compact
        href={`/admin/${page}`}
        face={<Icon size={18} />}
        name={t(`admin.${page}`)}
        selected={page === id}
      />
    ));
  }
  if (!Object.hasOwn(pages, id)) return null;
  const Page = pages[id as keyof typeof pages];
  return (
    <Suspense fallback={null}>
      {id === 'calls' && /^[0-9a-f-]{36}$/.test(rest) ? <CallPage key={rest} callId={rest} /> : <Page />}
    </Suspense>
  );
}
