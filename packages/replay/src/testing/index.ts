export * from '../source/pcap/test-packets';
export * from './event-block-from-rows';
export * from './packet-conversation';
export * from './sample-capture';
export * from './test-protobuf';
export * from './two-hosts';
