/**
 * Commands of Pulsar's binary protocol, by the number of their type, which is also that of their field in BaseCommand:
 * https://github.com/apache/pulsar/blob/master/pulsar-common/src/main/proto/PulsarApi.proto
 */
export interface Command {
  readonly name: string;
  /** `ask` awaits an answer, `answer` is one, `tell` neither. */
  readonly kind: 'ask' | 'answer' | 'tell';
  /** Who sends it. */
  readonly from: 'client' | 'server' | 'both';
  /** Numbers of the fields that are read, 0 = has none. */
  readonly request: number;
  readonly topic: number;
  readonly producer: number;
  readonly consumer: number;
  readonly error: number;
  readonly message: number;
}

const FROM = { '>': 'client', '<': 'server', '*': 'both' } as const;
const KIND = { '?': 'ask', '=': 'answer', '.': 'tell' } as const;

/**
 * `type name`, who sends it (`>` client, `<` server, `*` both), what it is (`?` asks, `=` answers, `.` neither), and fields:
 * r request id, t topic or namespace, p producer id, c consumer id, e error, m its text.
 */
const TABLE = [
  '2 connect >?',
  '3 connected <=',
  '4 subscribe >? t1 c4 r5',
  '5 producer >? t1 p2 r3',
  '6 send >? p1',
  '7 send_receipt <= p1',
  '8 send_error <= p1 e3 m4',
  '9 message <. c1',
  '10 ack >. c1 r8',
  '11 flow >. c1',
  '12 unsubscribe >? c1 r2',
  '13 success <= r1',
  '14 error <= r1 e2 m3',
  '15 close_producer *? p1 r2',
  '16 close_consumer *? c1 r2',
  '17 producer_success <= r1',
  '18 ping *?',
  '19 pong *=',
  '20 redeliver_unacknowledged_messages >. c1',
  '21 partition_metadata >? t1 r2',
  '22 partition_metadata_response <= r2 e4 m5',
  '23 lookup_topic >? t1 r2',
  '24 lookup_topic_response <= r4 e6 m7',
  '25 consumer_stats >? r1 c4',
  '26 consumer_stats_response <= r1 e2 m3',
  '27 reached_end_of_topic <. c1',
  '28 seek >? c1 r2',
  '29 get_last_message_id >? c1 r2',
  '30 get_last_message_id_response <= r2',
  '31 active_consumer_change <. c1',
  '32 get_topics_of_namespace >? r1 t2',
  '33 get_topics_of_namespace_response <= r1',
  '34 get_schema >? r1 t2',
  '35 get_schema_response <= r1 e2 m3',
  '36 auth_challenge <?',
  '37 auth_response >=',
  '38 ack_response <= c1 e4 m5 r6',
  '39 get_or_create_schema >? r1 t2',
  '40 get_or_create_schema_response <= r1 e2 m3',
  '50 new_txn >? r1',
  '51 new_txn_response <= r1 e4 m5',
  '52 add_partition_to_txn >? r1',
  '53 add_partition_to_txn_response <= r1 e4 m5',
  '54 add_subscription_to_txn >? r1',
  '55 add_subscription_to_txn_response <= r1 e4 m5',
  '56 end_txn >? r1',
  '57 end_txn_response <= r1 e4 m5',
  '58 end_txn_on_partition >? r1 t4',
  '59 end_txn_on_partition_response <= r1 e4 m5',
  '60 end_txn_on_subscription >? r1',
  '61 end_txn_on_subscription_response <= r1 e4 m5',
  '62 tc_client_connect_request >? r1',
  '63 tc_client_connect_response <= r1 e2 m3',
  '64 watch_topic_list >? r1 t3',
  '65 watch_topic_list_success <= r1',
  '66 watch_topic_update <.',
  '67 watch_topic_list_close >? r1',
  '68 topic_migrated <.',
];

export const COMMANDS: ReadonlyMap<number, Command> = new Map(
  TABLE.map((line) => {
    const [type, name, marks, ...fields] = line.split(' ') as [string, string, string, ...string[]];
    const field = (letter: string): number => Number(fields.find((each) => each.startsWith(letter))?.slice(1) ?? 0);
    const command: Command = {
      name,
      from: FROM[marks[0] as keyof typeof FROM],
      kind: KIND[marks[1] as keyof typeof KIND],
      request: field('r'),
      topic: field('t'),
      producer: field('p'),
      consumer: field('c'),
      error: field('e'),
      message: field('m'),
    };
    return [Number(type), command];
  }),
);

export const Type = {
  connect: 2,
  connected: 3,
  subscribe: 4,
  producer: 5,
  send: 6,
  sendReceipt: 7,
  sendError: 8,
  message: 9,
  ack: 10,
  closeProducer: 15,
  closeConsumer: 16,
  ping: 18,
  pong: 19,
  error: 14,
  authChallenge: 36,
  authResponse: 37,
} as const;

/** enum ServerError. */
const ERRORS = [
  ...['UnknownError', 'MetadataError', 'PersistenceError', 'AuthenticationError', 'AuthorizationError'],
  ...['ConsumerBusy', 'ServiceNotReady', 'ProducerBlockedQuotaExceededError', 'ProducerBlockedQuotaExceededException'],
  ...['ChecksumError', 'UnsupportedVersionError', 'TopicNotFound', 'SubscriptionNotFound', 'ConsumerNotFound'],
  ...['TooManyRequests', 'TopicTerminatedError', 'ProducerBusy', 'InvalidTopicName', 'IncompatibleSchema'],
  ...['ConsumerAssignError', 'TransactionCoordinatorNotFound', 'InvalidTxnStatus', 'NotAllowedError'],
  ...['TransactionConflict', 'TransactionNotFound', 'ProducerFenced'],
];
/** Those that are the broker's trouble, or the cluster's. */
const SERVER_ERRORS: ReadonlySet<number> = new Set([0, 1, 2, 6, 7, 8, 15, 19, 20]);

export function errorName(code: number): string {
  return ERRORS[code] ?? `error ${code}`;
}

export function isServerError(code: number): boolean {
  return SERVER_ERRORS.has(code) || code >= ERRORS.length;
}
