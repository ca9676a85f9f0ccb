/** Menus and hints that float over the page, in our skin. */
import '@mantine/core/styles/UnstyledButton.layer.css';
import '@mantine/core/styles/Popover.layer.css';
import '@mantine/core/styles/Menu.layer.css';
import '@mantine/core/styles/Tooltip.layer.css';
import * as mantine from '@mantine/core';

export const Menu = mantine.Menu;
export const Popover = mantine.Popover;
export const Tooltip = mantine.Tooltip;
