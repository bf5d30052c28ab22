export * from './check-integrity';
export * from './test-span';
export * from './trace-from-text';
export * from './trace-to-text';
