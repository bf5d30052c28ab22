/**
 * Kafka's calls, by their key: https://kafka.apache.org/protocol.html#protocol_api_keys. With each: the first version in
 * the flexible encoding (compact lengths, tagged fields), −1 = none; and what its body begins with.
 */
export interface Api {
  readonly name: string;
  readonly flexibleFrom: number;
  /** `topics`: a list of topic names. `group`: a group's name. */
  readonly request?: 'produce' | 'fetch' | 'topics' | 'group' | 'name';
  /** Where the response's error code is: behind `throttle` from that version on; absent = within a list, or later. */
  readonly errorAfterThrottleFrom?: number;
  readonly response?: 'produce' | 'fetch';
}

const NEVER = Number.POSITIVE_INFINITY;

export const APIS: Readonly<Record<number, Api>> = {
  0: { name: 'Produce', flexibleFrom: 9, request: 'produce', response: 'produce' },
  1: { name: 'Fetch', flexibleFrom: 12, request: 'fetch', response: 'fetch' },
  2: { name: 'ListOffsets', flexibleFrom: 6 },
  3: { name: 'Metadata', flexibleFrom: 9, request: 'topics' },
  4: { name: 'LeaderAndIsr', flexibleFrom: 4, errorAfterThrottleFrom: NEVER },
  5: { name: 'StopReplica', flexibleFrom: 2, errorAfterThrottleFrom: NEVER },
  6: { name: 'UpdateMetadata', flexibleFrom: 6, errorAfterThrottleFrom: NEVER },
  7: { name: 'ControlledShutdown', flexibleFrom: 3, errorAfterThrottleFrom: NEVER },
  8: { name: 'OffsetCommit', flexibleFrom: 8, request: 'group' },
  9: { name: 'OffsetFetch', flexibleFrom: 6, request: 'group' },
  10: { name: 'FindCoordinator', flexibleFrom: 3, request: 'name', errorAfterThrottleFrom: 1 },
  11: { name: 'JoinGroup', flexibleFrom: 6, request: 'group', errorAfterThrottleFrom: 2 },
  12: { name: 'Heartbeat', flexibleFrom: 4, request: 'group', errorAfterThrottleFrom: 1 },
  13: { name: 'LeaveGroup', flexibleFrom: 4, request: 'group', errorAfterThrottleFrom: 1 },
  14: { name: 'SyncGroup', flexibleFrom: 4, request: 'group', errorAfterThrottleFrom: 1 },
  15: { name: 'DescribeGroups', flexibleFrom: 5 },
  16: { name: 'ListGroups', flexibleFrom: 3, errorAfterThrottleFrom: 1 },
  17: { name: 'SaslHandshake', flexibleFrom: NEVER, request: 'name', errorAfterThrottleFrom: NEVER },
  18: { name: 'ApiVersions', flexibleFrom: 3, errorAfterThrottleFrom: NEVER },
  19: { name: 'CreateTopics', flexibleFrom: 5 },
  20: { name: 'DeleteTopics', flexibleFrom: 4 },
  21: { name: 'DeleteRecords', flexibleFrom: 2 },
  22: { name: 'InitProducerId', flexibleFrom: 2, errorAfterThrottleFrom: 0 },
  23: { name: 'OffsetForLeaderEpoch', flexibleFrom: 4 },
  24: { name: 'AddPartitionsToTxn', flexibleFrom: 3 },
  25: { name: 'AddOffsetsToTxn', flexibleFrom: 3, request: 'name', errorAfterThrottleFrom: 0 },
  26: { name: 'EndTxn', flexibleFrom: 3, request: 'name', errorAfterThrottleFrom: 0 },
  27: { name: 'WriteTxnMarkers', flexibleFrom: 1 },
  28: { name: 'TxnOffsetCommit', flexibleFrom: 3, request: 'name' },
  29: { name: 'DescribeAcls', flexibleFrom: 2, errorAfterThrottleFrom: 0 },
  30: { name: 'CreateAcls', flexibleFrom: 2 },
  31: { name: 'DeleteAcls', flexibleFrom: 2 },
  32: { name: 'DescribeConfigs', flexibleFrom: 4 },
  33: { name: 'AlterConfigs', flexibleFrom: 2 },
  34: { name: 'AlterReplicaLogDirs', flexibleFrom: 2 },
  35: { name: 'DescribeLogDirs', flexibleFrom: 2 },
  36: { name: 'SaslAuthenticate', flexibleFrom: 2, errorAfterThrottleFrom: NEVER },
  37: { name: 'CreatePartitions', flexibleFrom: 2 },
  38: { name: 'CreateDelegationToken', flexibleFrom: 2, errorAfterThrottleFrom: NEVER },
  39: { name: 'RenewDelegationToken', flexibleFrom: 2, errorAfterThrottleFrom: NEVER },
  40: { name: 'ExpireDelegationToken', flexibleFrom: 2, errorAfterThrottleFrom: NEVER },
  41: { name: 'DescribeDelegationToken', flexibleFrom: 2, errorAfterThrottleFrom: NEVER },
  42: { name: 'DeleteGroups', flexibleFrom: 2 },
  43: { name: 'ElectLeaders', flexibleFrom: 2 },
  44: { name: 'IncrementalAlterConfigs', flexibleFrom: 1 },
  45: { name: 'AlterPartitionReassignments', flexibleFrom: 0, errorAfterThrottleFrom: 0 },
  46: { name: 'ListPartitionReassignments', flexibleFrom: 0, errorAfterThrottleFrom: 0 },
  47: { name: 'OffsetDelete', flexibleFrom: NEVER, request: 'group', errorAfterThrottleFrom: NEVER },
  48: { name: 'DescribeClientQuotas', flexibleFrom: 1, errorAfterThrottleFrom: 0 },
  49: { name: 'AlterClientQuotas', flexibleFrom: 1 },
  50: { name: 'DescribeUserScramCredentials', flexibleFrom: 0, errorAfterThrottleFrom: 0 },
  51: { name: 'AlterUserScramCredentials', flexibleFrom: 0 },
  55: { name: 'DescribeQuorum', flexibleFrom: 0, errorAfterThrottleFrom: NEVER },
  57: { name: 'UpdateFeatures', flexibleFrom: 0, errorAfterThrottleFrom: 0 },
  60: { name: 'DescribeCluster', flexibleFrom: 0, errorAfterThrottleFrom: 0 },
  61: { name: 'DescribeProducers', flexibleFrom: 0 },
  65: { name: 'DescribeTransactions', flexibleFrom: 0 },
  66: { name: 'ListTransactions', flexibleFrom: 0, errorAfterThrottleFrom: 0 },
  68: { name: 'ConsumerGroupHeartbeat', flexibleFrom: 0, request: 'group', errorAfterThrottleFrom: 0 },
  69: { name: 'ConsumerGroupDescribe', flexibleFrom: 0 },
  71: { name: 'GetTelemetrySubscriptions', flexibleFrom: 0, errorAfterThrottleFrom: 0 },
  72: { name: 'PushTelemetry', flexibleFrom: 0, errorAfterThrottleFrom: 0 },
  75: { name: 'DescribeTopicPartitions', flexibleFrom: 0 },
};

export const ApiKey = {
  metadata: 3,
  saslHandshake: 17,
  apiVersions: 18,
  heartbeat: 12,
  consumerGroupHeartbeat: 68,
} as const;
/** Versions beyond do not exist yet. */
export const MAX_VERSION = 20;

const ERRORS = [
  ...['OFFSET_OUT_OF_RANGE', 'CORRUPT_MESSAGE', 'UNKNOWN_TOPIC_OR_PARTITION', 'INVALID_FETCH_SIZE'],
  ...['LEADER_NOT_AVAILABLE', 'NOT_LEADER_OR_FOLLOWER', 'REQUEST_TIMED_OUT', 'BROKER_NOT_AVAILABLE'],
  ...['REPLICA_NOT_AVAILABLE', 'MESSAGE_TOO_LARGE', 'STALE_CONTROLLER_EPOCH', 'OFFSET_METADATA_TOO_LARGE'],
  ...['NETWORK_EXCEPTION', 'COORDINATOR_LOAD_IN_PROGRESS', 'COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR'],
  ...['INVALID_TOPIC_EXCEPTION', 'RECORD_LIST_TOO_LARGE', 'NOT_ENOUGH_REPLICAS', 'NOT_ENOUGH_REPLICAS_AFTER_APPEND'],
  ...['INVALID_REQUIRED_ACKS', 'ILLEGAL_GENERATION', 'INCONSISTENT_GROUP_PROTOCOL', 'INVALID_GROUP_ID'],
  ...['UNKNOWN_MEMBER_ID', 'INVALID_SESSION_TIMEOUT', 'REBALANCE_IN_PROGRESS', 'INVALID_COMMIT_OFFSET_SIZE'],
  ...['TOPIC_AUTHORIZATION_FAILED', 'GROUP_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED', 'INVALID_TIMESTAMP'],
  ...['UNSUPPORTED_SASL_MECHANISM', 'ILLEGAL_SASL_STATE', 'UNSUPPORTED_VERSION', 'TOPIC_ALREADY_EXISTS'],
];
/** Error codes that are the client's mistake; all others are the cluster's trouble. */
const CLIENT_ERRORS: ReadonlySet<number> = new Set([
  ...[1, 2, 3, 4, 10, 12, 17, 18, 21, 22, 23, 24, 25, 26, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 42, 43],
  ...[44, 45, 46, 47, 48, 49, 50, 53, 58, 70, 71, 74, 76, 79, 82, 87],
]);

export function errorName(code: number): string {
  return code === -1 ? 'UNKNOWN_SERVER_ERROR' : (ERRORS[code - 1] ?? `error ${code}`);
}

export function isClientError(code: number): boolean {
  return CLIENT_ERRORS.has(code);
}
