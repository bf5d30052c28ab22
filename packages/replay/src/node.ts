export * from './node/event-access';
export * from './node/file-source';
export * from './node/node-codec';
