/**
 * OpenWire's data structures by their type, with the fields that are read, in their order. The fields behind the last one named
 * are of no interest; every cached one is named, because it fills the cache.
 *
 * https://activemq.apache.org/openwire-version-2-specification and the marshallers of each version in
 * https://github.com/apache/activemq/tree/main/activemq-client/src/main/java/org/apache/activemq/openwire
 */
export interface Field {
  readonly name: string;
  /**
   * `c` structure, cached; `n` structure; `s` string; `l` long; `i` int; `B` byte; `b` boolean; `y` bytes; `t` exception.
   */
  readonly kind: string;
  /** First version of the protocol that has it. */
  readonly since: number;
}

export interface Structure {
  readonly name: string;
  /** `command`: begins with its number and whether an answer is asked for. */
  readonly role: 'command' | 'response' | 'message' | 'part';
  readonly from: 'client' | 'server' | 'both';
  readonly fields: readonly Field[];
}

const MESSAGE =
  'producer=c destination=c transaction=c originalDestination=c messageId=n originalTransaction=c groupId=s ' +
  'groupSequence=i correlationId=s persistent=b expiration=l priority=B replyTo=n timestamp=l type=s content=y ' +
  'properties=y dataStructure=n target=c';

/** `type name`, `>` from the client, `<` from the broker, `*` both, `-` part of others; then its fields. */
const TABLE = [
  '2 BrokerInfo < broker=c url=s',
  '3 ConnectionInfo > connection=c clientId=s',
  '4 SessionInfo > session=c',
  '5 ConsumerInfo > consumer=c browser=b destination=c',
  '6 ProducerInfo > producer=c destination=c',
  '7 TransactionInfo > connection=c transaction=c',
  '8 DestinationInfo > connection=c destination=c',
  '9 RemoveSubscriptionInfo > connection=c subscription=s',
  '10 KeepAliveInfo *',
  '11 ShutdownInfo *',
  '12 RemoveInfo > object=c',
  '14 ControlCommand * command=s',
  '15 FlushCommand *',
  '16 ConnectionError < exception=t',
  '17 ConsumerControl *',
  '18 ConnectionControl *',
  '19 ProducerAck < producer=n',
  '20 MessagePull > consumer=c destination=c',
  '21 MessageDispatch < consumer=c destination=c message=n',
  '22 MessageAck > destination=c transaction=c consumer=c',
  `23 ActiveMQMessage > ${MESSAGE}`,
  `24 ActiveMQBytesMessage > ${MESSAGE}`,
  `25 ActiveMQMapMessage > ${MESSAGE}`,
  `26 ActiveMQObjectMessage > ${MESSAGE}`,
  `27 ActiveMQStreamMessage > ${MESSAGE}`,
  `28 ActiveMQTextMessage > ${MESSAGE}`,
  `29 ActiveMQBlobMessage > ${MESSAGE}`,
  '30 Response < correlation=i',
  '31 ExceptionResponse < correlation=i exception=t',
  '32 DataResponse < correlation=i',
  '33 DataArrayResponse < correlation=i',
  '34 IntegerResponse < correlation=i',
  '65 ReplayCommand *',
  '90 MessageDispatchNotification < consumer=c destination=c',
  '91 BrokerSubscriptionInfo *',
  '100 Queue - name=s',
  '101 Topic - name=s',
  '102 TempQueue - name=s',
  '103 TempTopic - name=s',
  '110 MessageId - textView=s10 producer=c sequence=l brokerSequence=l',
  '111 LocalTransactionId - value=l connection=c',
  '112 XATransactionId - format=i global=y branch=y',
  '120 ConnectionId - name=s',
  '121 SessionId - name=s value=l',
  '122 ConsumerId - name=s session=l value=l',
  '123 ProducerId - name=s value=l session=l',
  '124 BrokerId - name=s',
];

const FROM: Readonly<Record<string, Structure['from']>> = { '>': 'client', '<': 'server' };

export const STRUCTURES: ReadonlyMap<number, Structure> = new Map(
  TABLE.map((line) => {
    const [number, name, from, ...fields] = line.split(' ') as [string, string, string, ...string[]];
    const type = Number(number);
    const isMessage = type >= 23 && type <= 29;
    const structure: Structure = {
      name,
      role: from === '-' ? 'part' : isMessage ? 'message' : type >= 30 && type <= 34 ? 'response' : 'command',
      from: FROM[from] ?? 'both',
      fields: fields.map((field) => {
        const equals = field.indexOf('=');
        return {
          name: field.slice(0, equals),
          kind: field[equals + 1]!,
          since: Number(field.slice(equals + 2)),
        };
      }),
    };
    return [type, structure];
  }),
);

export const Type = {
  wireFormatInfo: 1,
  keepAlive: 10,
  tempQueue: 102,
  tempTopic: 103,
} as const;
