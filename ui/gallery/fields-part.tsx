import { IconLock } from '@tabler/icons-react';
import { useState } from 'react';
import {
  Badge,
  Checkbox,
  Kbd,
  PasswordInput,
  Radio,
  Segments,
  Select,
  Switch,
  Tag,
  Textarea,
  TextInput,
} from '../src/index.ts';
import classes from './gallery.module.css';

/** Every field, also refused and switched off. */
export function FieldsPart() {
  const [segment, setSegment] = useState<'all' | 'unread'>('all');
  return (
    <>
      <div className={classes.two}>
        <TextInput
          label="Name"
          placeholder="As others should read it"
          description="Letters of every script are welcome."
        />
        <TextInput
          label="Address"
          defaultValue="njeri.wambuto@estuaria"
          error="An address ends with its domain, like estuaria.example."
        />
        <Select
          label="Office"
          data={['Dakar', 'Lisboa', 'Manila', 'Montréal', 'Montevideo', 'Nairobi', 'São Paulo']}
          defaultValue="Lisboa"
        />
        <PasswordInput label="Password" description="Twelve characters or more." />
        <Textarea label="A word for her" placeholder="What should she know?" autosize={false} rows={3} />
        <div className={classes.part}>
          <Checkbox label="Tell me when she is free" defaultChecked />
          <Checkbox label="Keep a recording" />
          <Radio label="My telephone rings first" defaultChecked name="first" />
          <Switch label="Single keys work outside of text" defaultChecked />
        </div>
      </div>
      <div className={classes.flow}>
        <Segments
          label="Show"
          value={segment}
          onChange={setSegment}
          items={[
            { id: 'all', label: 'All' },
            { id: 'unread', label: 'Unread', count: 3 },
          ]}
        />
        <Tag>Active</Tag>
        <Tag tone="accent">Invited</Tag>
        <Tag tone="danger" icon={<IconLock size={13} />}>
          Suspended
        </Tag>
        <Tag tone="warn">Ends in 3 d</Tag>
        <Tag tone="free">Open</Tag>
        <Badge count={3} /> <Badge count={128} /> <Badge count={12} quiet />
        <Kbd>Ctrl K</Kbd>
      </div>
    </>
  );
}
