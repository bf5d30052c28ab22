export * from './command/output';
export * from './command/run-import';
export * from './command/run-inspect';
export * from './command/run-messages';
export * from './command/run-replay';
export * from './file/event-access';
export * from './file/file-source';
export * from './file/node-codec';
