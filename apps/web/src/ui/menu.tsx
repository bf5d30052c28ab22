import { DropdownMenu } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';
import { cx } from './cx';
import styles from './menu.module.css';

interface MenuProps {
  readonly trigger: ReactElement;
  readonly children: ReactNode;
}

export function Menu({ trigger, children }: MenuProps) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className={styles.menu} align="end" sideOffset={4} collisionPadding={8}>
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface MenuItemProps {
  readonly icon?: ReactNode;
  readonly danger?: boolean;
  readonly onSelect?: () => void;
  /** Makes the item a link. */
  readonly href?: string;
  readonly children: ReactNode;
}

export function MenuItem({ icon, danger = false, onSelect, href, children }: MenuItemProps) {
  const className = cx(styles.item, danger && styles.danger);
  if (href !== undefined) {
    return (
      <DropdownMenu.Item className={className} asChild>
        <a href={href} download>
          {icon}
          {children}
        </a>
      </DropdownMenu.Item>
    );
  }
  return (
    <DropdownMenu.Item className={className} {...(onSelect && { onSelect })}>
      {icon}
      {children}
    </DropdownMenu.Item>
  );
}
