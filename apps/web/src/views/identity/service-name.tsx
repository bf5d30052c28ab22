import { cx } from '../../ui/cx';
import { serviceColour } from './hue';
import styles from './service-name.module.css';

interface ServiceNameProps {
  readonly service: string;
  readonly strong?: boolean;
}

/** The service's colour and its name, never one without the other. */
export function ServiceName({ service, strong = false }: ServiceNameProps) {
  return (
    <span className={cx(styles.service, strong && styles.strong)} title={service}>
      <span className={styles.dot} style={{ background: serviceColour(service) }} />
      <span className={styles.name}>{service}</span>
    </span>
  );
}
