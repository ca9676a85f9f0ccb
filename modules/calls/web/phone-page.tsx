import { usePageTitle } from '@liaison/core/web';
import { IconButton, PageBody, PageHeader, Panes } from '@liaison/ui';
import { IconDeviceLandlinePhone, IconHistory } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useTelephone } from './calls-provider.tsx';
import { DialField, type DialFieldHandle } from './dial-field.tsx';
import { Keypad } from './keypad.tsx';
import { PeopleToCall } from './people-to-call.tsx';
import classes from './phone-page.module.css';
import { RecentCalls } from './recent-calls.tsx';
import { TelephonesPane } from './telephones-pane.tsx';

/** Recent calls, a field that rings whatever has a name or number, people, and my telephones. */
export function PhonePage() {
  const { t } = useTranslation('calls');
  const { tones } = useTelephone();
  const navigate = useNavigate();
  const { view } = useSearch({ strict: false }) as { view?: 'recent' | 'telephones' };
  const dial = useRef<DialFieldHandle>(null);
  usePageTitle(t('nav'));
  const show = (next?: 'recent' | 'telephones'): void => {
    void navigate({ to: '/phone', search: next ? { view: next } : {}, replace: view !== undefined });
  };
  return (
    <Panes
      list={<RecentCalls />}
      side={<TelephonesPane />}
      view={view === 'recent' ? 'list' : view === 'telephones' ? 'side' : 'page'}
      onShowList={() => show('recent')}
      {...(view === 'telephones' ? { onCloseSide: () => show() } : {})}
    >
      <PageHeader
        title={t('nav')}
        actions={
          <>
            <span className={classes.narrow} data-keep>
              <IconButton aria-label={t('recent.title')} onClick={() => show('recent')}>
                <IconHistory size={20} />
              </IconButton>
            </span>
            <span className={classes.side} data-keep>
              <IconButton aria-label={t('telephones.title')} onClick={() => show('telephones')}>
                <IconDeviceLandlinePhone size={20} />
              </IconButton>
            </span>
          </>
        }
      />
      <PageBody label={t('nav')}>
        <div className={classes.page}>
          <DialField ref={dial} />
          <PeopleToCall />
          <div className={classes.keypad}>
            <Keypad
              onKey={(key) => {
                tones.key(key);
                dial.current?.type(key);
              }}
            />
          </div>
        </div>
      </PageBody>
    </Panes>
  );
}
