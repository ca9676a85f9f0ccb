import { Popover } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import classes from './me.module.css';
import MyThings from './my-things.tsx';

/** My things in a panel under my face. */
export default function MyMenu({ onClose, onKeys }: { onClose: () => void; onKeys: () => void }) {
  const { t } = useTranslation('shell');
  return (
    <Popover
      opened
      onChange={(opened) => {
        if (!opened) onClose();
      }}
      position="bottom-end"
      width={300}
      trapFocus
      // The anchor is no button; the roles stand on what people press and on what opens.
      withRoles={false}
    >
      <Popover.Target>
        <span className={classes.anchor} />
      </Popover.Target>
      <Popover.Dropdown role="dialog" aria-label={t('me.menu')}>
        <MyThings onDone={onClose} onKeys={onKeys} />
      </Popover.Dropdown>
    </Popover>
  );
}
