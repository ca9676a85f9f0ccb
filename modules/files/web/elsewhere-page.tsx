import { Slot } from '@liaison/core/web';
import { useState } from 'react';
import { type FileElsewhere, filesElsewhere } from '../contract/index.ts';
import classes from './files.module.css';
import { Missing } from './missing.tsx';
import { save } from './save.ts';
import { Viewer } from './viewer/viewer.tsx';

/** Files that lie in another module, which draws the page; looking at one is the same as everywhere. */
export function ElsewherePage({ source, part }: { source: string; part: string | null }) {
  const [viewed, setViewed] = useState<{ files: readonly FileElsewhere[]; at: number } | null>(null);
  return (
    <div className={classes.page}>
      <div className={classes.under} inert={viewed !== null}>
        <Slot
          slot={filesElsewhere(source)}
          empty={<Missing />}
          part={part}
          onView={(files: readonly FileElsewhere[], at: number) => setViewed({ files, at })}
        />
      </div>
      {viewed ? (
        <Shown {...viewed} onAt={(at) => setViewed({ ...viewed, at })} onClose={() => setViewed(null)} />
      ) : null}
    </div>
  );
}

function Shown({
  files,
  at,
  onAt,
  onClose,
}: {
  files: readonly FileElsewhere[];
  at: number;
  onAt: (at: number) => void;
  onClose: () => void;
}) {
  const file = files[at];
  if (!file) return null;
  const { id, name, mediaType, bytes, content, drawn } = file;
  return (
    <Viewer
      file={{ id, name, mediaType, bytes, version: 1, addresses: { content, media: content, drawn } }}
      place={{ at: at + 1, count: files.length, isWhole: true }}
      onPrevious={at > 0 ? () => onAt(at - 1) : undefined}
      onNext={at < files.length - 1 ? () => onAt(at + 1) : undefined}
      onDownload={() => save(content)}
      onClose={onClose}
    />
  );
}
