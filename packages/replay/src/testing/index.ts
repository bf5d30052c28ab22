export * from './event-block-from-rows';
export * from './sample-capture';
export * from './test-protobuf';
export * from './two-hosts';
