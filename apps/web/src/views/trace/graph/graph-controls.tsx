import { useReactFlow } from '@xyflow/react';
import { Maximize, Minus, Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from '../../../ui/button';
import { Segmented } from '../../../ui/segmented';
import styles from './graph-controls.module.css';
import type { LayoutMode } from './graph-layout';

interface GraphControlsProps {
  readonly axis: LayoutMode;
  readonly onAxis: (axis: LayoutMode) => void;
  readonly onFit: () => void;
  readonly children?: ReactNode;
}

export function GraphControls({ axis, onAxis, onFit, children }: GraphControlsProps) {
  const flow = useReactFlow();
  return (
    <div className={styles.controls}>
      {children}
      <Segmented
        label="Place boxes by"
        value={axis}
        options={[
          { value: 'depth', text: 'By cause' },
          { value: 'time', text: 'By time' },
        ]}
        onChange={onAxis}
      />
      <div className={styles.zoom}>
        <IconButton label="Zoom out" onClick={() => flow.zoomOut()}>
          <Minus size={14} />
        </IconButton>
        <IconButton label="Zoom in" onClick={() => flow.zoomIn()}>
          <Plus size={14} />
        </IconButton>
        <IconButton label="Fit everything" keys="f" onClick={onFit}>
          <Maximize size={14} />
        </IconButton>
      </div>
    </div>
  );
}
