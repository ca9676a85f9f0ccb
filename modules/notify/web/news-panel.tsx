import { IconButton, Popover, UnderTitle } from '@liaison/ui';
import { IconSettings } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import bell from './bell.module.css';
import { goBetween } from './list/go-between.ts';
import { NewsList } from './list/news-list.tsx';
import { ReadAll } from './list/read-all.tsx';
import classes from './news.module.css';

/** The list under the bell. */
export default function NewsPanel({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('notify');
  return (
    <Popover
      opened
      onChange={(opened) => {
        if (!opened) onClose();
      }}
      position="bottom-end"
      width={400}
      trapFocus
      // The anchor is no button; the roles stand on what people press and on what opens.
      withRoles={false}
    >
      <Popover.Target>
        <span className={bell.anchor} />
      </Popover.Target>
      <Popover.Dropdown role="dialog" aria-label={t('title')} p={0}>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: arrows go between the links inside, which are what is pressed */}
        <div className={classes.panel} onKeyDown={goBetween} tabIndex={-1} data-autofocus>
          <header className={classes.panelHead}>
            <h2>{t('title')}</h2>
            <ReadAll />
            <IconButton aria-label={t('settings.open')} href="/settings/notifications">
              <IconSettings size={18} />
            </IconButton>
          </header>
          <div className={classes.panelBody}>
            <UnderTitle value={2}>
              <NewsList only="all" more="link" />
            </UnderTitle>
          </div>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
