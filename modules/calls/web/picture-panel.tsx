import { Face, IconButton, type PersonView } from '@liaison/ui';
import { Portal } from '@mantine/core';
import { IconArrowsMaximize, IconArrowsMinimize } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCalls } from './calls-provider.tsx';
import classes from './picture-panel.module.css';

/** The other one large, oneself small; a face where no picture comes. */
export default function PicturePanel({ person }: { person: PersonView }) {
  const { t } = useTranslation('calls');
  const { myPicture, theirPicture, pictureAsked } = useCalls();
  const [large, setLarge] = useState(false);
  return (
    <Portal>
      <section className={classes.panel} aria-label={t('picture.title')} data-large={large || undefined}>
        {theirPicture ? (
          <Picture stream={theirPicture} name={t('picture.theirs', { name: person.name })} whose="theirs" />
        ) : (
          <div className={classes.faceOnly} data-picture="face">
            <Face
              name={person.name}
              id={person.id}
              size={96}
              {...(person.photo === undefined ? {} : { photo: person.photo })}
            />
            <output>{t(pictureAsked ? 'picture.asking' : 'picture.none', { name: person.name })}</output>
          </div>
        )}
        {myPicture ? <Picture stream={myPicture} name={t('picture.mine')} whose="mine" /> : null}
        <IconButton
          className={classes.size}
          aria-label={t(large ? 'picture.smaller' : 'picture.larger')}
          onClick={() => setLarge(!large)}
        >
          {large ? <IconArrowsMinimize size={18} /> : <IconArrowsMaximize size={18} />}
        </IconButton>
      </section>
    </Portal>
  );
}

/** Muted, because the voice is played elsewhere: a page may then start it unasked. */
function Picture({ stream, name, whose }: { stream: MediaStream; name: string; whose: 'mine' | 'theirs' }) {
  return (
    <video
      ref={(video) => {
        if (video && video.srcObject !== stream) video.srcObject = stream;
      }}
      className={classes[whose]}
      data-picture={whose}
      aria-label={name}
      autoPlay
      playsInline
      muted
    />
  );
}
