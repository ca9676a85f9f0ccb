/** Menus and hints that float over the page, in our skin. */
import '@mantine/core/styles/Popover.layer.css';
import '@mantine/core/styles/Menu.layer.css';
import '@mantine/core/styles/Tooltip.layer.css';

export { Menu, Popover, Tooltip } from '@mantine/core';
