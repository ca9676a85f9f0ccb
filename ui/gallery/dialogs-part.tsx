import { IconStar } from '@tabler/icons-react';
import { useState } from 'react';
import { Button, ConfirmDialog, KeyHelp, Menu, useToasts } from '../src/index.ts';
import classes from './gallery.module.css';

const nothing = () => {};

/** What asks, tells and lists the keys. */
export function Dialogs() {
  const toasts = useToasts();
  const [asked, setAsked] = useState(false);
  const [keys, setKeys] = useState(false);
  return (
    <div className={classes.flow}>
      <Button variant="default" onClick={() => setAsked(true)}>
        Ask first
      </Button>
      <Button variant="default" onClick={() => setKeys(true)}>
        All keys
      </Button>
      <Button
        variant="default"
        onClick={() =>
          toasts.show({ text: '3 files moved to Contrats', action: { label: 'Undo', onSelect: nothing } })
        }
      >
        Say something
      </Button>
      <Menu>
        <Menu.Target>
          <Button variant="default">A menu</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Sort by</Menu.Label>
          <Menu.Item
            leftSection={<IconStar size={16} />}
            onClick={() => toasts.show({ text: 'Sorted by name' })}
          >
            Name
          </Menu.Item>
          <Menu.Item onClick={() => toasts.show({ text: 'Sorted by date' })}>Date</Menu.Item>
          <Menu.Divider />
          <Menu.Item>Delete</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        opened={asked}
        title="Delete 3 files?"
        verb="Delete"
        danger
        onConfirm={() => setAsked(false)}
        onCancel={() => setAsked(false)}
      >
        They stay in the bin for 30 days. Links to them stop working now.
      </ConfirmDialog>
      <KeyHelp
        opened={keys}
        onClose={() => setKeys(false)}
        groups={[
          {
            title: 'Everywhere',
            keys: [
              { keys: ['Ctrl K'], does: 'Find or call' },
              { keys: ['G', 'C'], does: 'Go to chat' },
              { keys: ['?'], does: 'All keys' },
            ],
          },
          {
            title: 'On the line',
            keys: [
              { keys: ['Ctrl Shift A'], does: 'Answer or resume' },
              { keys: ['Ctrl Shift D'], does: 'Refuse or hang up' },
            ],
          },
        ]}
      />
    </div>
  );
}
