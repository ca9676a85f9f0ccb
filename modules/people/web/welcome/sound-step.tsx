import { Button } from '@liaison/ui';
import { IconMicrophone, IconVolume } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSoundCheck } from './sound-check.ts';
import { Step } from './step.tsx';
import classes from './welcome.module.css';

/** Can I be heard, and do I hear? */
export function SoundStep() {
  const { t } = useTranslation('people');
  const sound = useSoundCheck();
  const [toneHeard, setToneHeard] = useState<boolean | null>(null);
  const [played, setPlayed] = useState(false);
  const done = sound.state === 'heard' && toneHeard === true;
  const open = sound.state === 'listening' || sound.state === 'heard';
  return (
    <Step number={1} title={t('welcome.sound.title')} why={t('welcome.sound.why')} done={done}>
      <div className={classes.row}>
        <Button
          variant="default"
          size="md"
          leftSection={<IconMicrophone size={18} />}
          loading={sound.state === 'asking'}
          onClick={sound.start}
        >
          {t('welcome.sound.microphone')}
        </Button>
        <Button
          variant="default"
          size="md"
          leftSection={<IconVolume size={18} />}
          onClick={() => {
            sound.playTone();
            setPlayed(true);
            setToneHeard(null);
          }}
        >
          {t('welcome.sound.tone')}
        </Button>
      </div>
      {open ? (
        <div ref={sound.meter} className={classes.meter} aria-hidden="true">
          <span />
        </div>
      ) : null}
      <p className={classes.says} role="status">
        {sound.state === 'idle' ? null : t(`welcome.sound.${sound.state}`)}
        {open && sound.microphone ? ` ${sound.microphone}` : null}
      </p>
      {played ? (
        <div className={classes.row}>
          <span>{t('welcome.sound.didYou')}</span>
          <Button
            variant={toneHeard === true ? 'soft' : 'default'}
            aria-pressed={toneHeard === true}
            onClick={() => setToneHeard(true)}
          >
            {t('welcome.sound.yes')}
          </Button>
          <Button
            variant={toneHeard === false ? 'soft' : 'default'}
            aria-pressed={toneHeard === false}
            onClick={() => setToneHeard(false)}
          >
            {t('welcome.sound.no')}
          </Button>
        </div>
      ) : null}
      {toneHeard === false ? <p className={classes.says}>{t('welcome.sound.noHow')}</p> : null}
    </Step>
  );
}
