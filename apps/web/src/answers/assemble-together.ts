import {
  type AssembledTrace,
  assembleAll,
  DEFAULT_ASSEMBLY_OPTIONS,
  exactHostClocks,
  type HostClocks,
  type MemorySpanIndex,
} from '@causeway/core';

/** All traces of captures that are read as one set, by the clocks that these tell of their hosts. */
export function assembleTogether(index: MemorySpanIndex): {
  readonly hostClocks: HostClocks;
  readonly traces: Iterable<AssembledTrace>;
} {
  const hostClocks = exactHostClocks(index);
  return { hostClocks, traces: assembleAll(index, { ...DEFAULT_ASSEMBLY_OPTIONS, hostClocks }) };
}
