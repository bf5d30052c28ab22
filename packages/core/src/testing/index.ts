export * from './check-integrity';
export type * from './fuzz-target';
export * from './test-span';
export * from './three-tier-spans';
export * from './trace-from-text';
export * from './trace-to-text';
