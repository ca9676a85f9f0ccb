/** Mantine's form controls in our skin, each with exactly the styles that it needs. */
import '@mantine/core/styles/UnstyledButton.layer.css';
import '@mantine/core/styles/Input.layer.css';
import '@mantine/core/styles/InlineInput.layer.css';
import '@mantine/core/styles/Checkbox.layer.css';
import '@mantine/core/styles/Radio.layer.css';
import '@mantine/core/styles/ActionIcon.layer.css';
import '@mantine/core/styles/PasswordInput.layer.css';
import * as mantine from '@mantine/core';

// Constants, not `export … from`: a bundler follows a re-export to its source and would leave these styles behind.
export const Checkbox = mantine.Checkbox;
export const PasswordInput = mantine.PasswordInput;
export const Radio = mantine.Radio;
export const Textarea = mantine.Textarea;
export const TextInput = mantine.TextInput;
