import { IconButton, useLabels } from '@liaison/ui';
import { Portal } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './call-panel.module.css';
import { useTelephone } from './calls-provider.tsx';
import { Keypad } from './keypad.tsx';
import { SoundDevices } from './sound-devices.tsx';
import { SoundFigures } from './sound-figures.tsx';

/** A portal shows its content after its first effects have run: what is shown takes the focus itself. */
const takeFocus = (panel: HTMLElement | null): void => panel?.focus();

/** Under the line during a call: keys for machines that ask for digits, and what is spoken and heard through. */
export default function CallPanel({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('calls');
  const labels = useLabels();
  const { controller, tones } = useTelephone();
  const [pressed, setPressed] = useState('');
  const [deaf, setDeaf] = useState(false);
  const press = (key: string): void => {
    tones.key(key);
    setDeaf(!controller.pressKey(key));
    setPressed((before) => (before + key).slice(-24));
  };
  return (
    <Portal>
      <section
        ref={takeFocus}
        className={classes.panel}
        aria-label={t('panel.title')}
        tabIndex={-1}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onClose();
          else if (/^[0-9*#]$/.test(event.key) && !event.ctrlKey && !event.altKey && !event.metaKey) {
            event.preventDefault();
            press(event.key);
          }
        }}
      >
        <div className={classes.head}>
          <output className={classes.pressed} aria-label={t('panel.pressed')}>
            {pressed || t('panel.hint')}
          </output>
          <IconButton aria-label={labels.close} onClick={onClose}>
            <IconX size={18} />
          </IconButton>
        </div>
        <Keypad onKey={press} />
        {deaf ? <p className={classes.deaf}>{t('panel.deaf')}</p> : null}
        <SoundFigures />
        <div className={classes.devices}>
          <SoundDevices />
        </div>
      </section>
    </Portal>
  );
}
