/**
 * Classes and methods of AMQP 0-9-1 and RabbitMQ's extensions:
 * https://www.rabbitmq.com/resources/specs/amqp0-9-1.extended.xml
 */
export interface Method {
  readonly name: string;
  /** `ask` awaits an answer, `answer` is one, `tell` neither. */
  readonly kind: 'ask' | 'answer' | 'tell';
  /** Only the server sends it. */
  readonly fromServer: boolean;
  /** A content header and a body follow. */
  readonly content: boolean;
  /**
   * Arguments that are read, in their order: `-` two bytes, `8` eight, `b` one, `q` queue, `x` exchange, `r` routing key, `v`
   * virtual host, `s` another short string, a digit below 8 the bit that means "no wait", `c` reply code and text.
   */
  readonly arguments: string;
}

const CLASSES: Readonly<Record<number, string>> = {
  10: 'Connection',
  20: 'Channel',
  40: 'Exchange',
  50: 'Queue',
  60: 'Basic',
  85: 'Confirm',
  90: 'Tx',
};

/** `class method name arguments`, and marks: `?` asks, `=` answers, `.` neither; `<` only from the server; `+` content. */
const TABLE = [
  '10 10 Start ?< ',
  '10 11 StartOk = ',
  '10 20 Secure ?< ',
  '10 21 SecureOk = ',
  '10 30 Tune ?< ',
  '10 31 TuneOk = ',
  '10 40 Open ? v',
  '10 41 OpenOk =< ',
  '10 50 Close ? c',
  '10 51 CloseOk = ',
  '10 60 Blocked .< ',
  '10 61 Unblocked .< ',
  '10 70 UpdateSecret ? ',
  '10 71 UpdateSecretOk =< ',
  '20 10 Open ? ',
  '20 11 OpenOk =< ',
  '20 20 Flow ? ',
  '20 21 FlowOk = ',
  '20 40 Close ? c',
  '20 41 CloseOk = ',
  '40 10 Declare ? -xs4',
  '40 11 DeclareOk =< ',
  '40 20 Delete ? -x1',
  '40 21 DeleteOk =< ',
  '40 30 Bind ? -sxr0',
  '40 31 BindOk =< ',
  '40 40 Unbind ? -sxr0',
  '40 51 UnbindOk =< ',
  '50 10 Declare ? -q4',
  '50 11 DeclareOk =< q',
  '50 20 Bind ? -qxr0',
  '50 21 BindOk =< ',
  '50 30 Purge ? -q0',
  '50 31 PurgeOk =< ',
  '50 40 Delete ? -q2',
  '50 41 DeleteOk =< ',
  '50 50 Unbind ? -qxr',
  '50 51 UnbindOk =< ',
  '60 10 Qos ? ',
  '60 11 QosOk =< ',
  '60 20 Consume ? -qs3',
  '60 21 ConsumeOk =< ',
  '60 30 Cancel ? s0',
  '60 31 CancelOk = ',
  '60 40 Publish .+ -xr',
  '60 50 Return .<+ cxr',
  '60 60 Deliver .<+ s8bxr',
  '60 70 Get ? -q',
  '60 71 GetOk =<+ 8bxr',
  '60 72 GetEmpty =< ',
  '60 80 Ack . ',
  '60 90 Reject . ',
  '60 100 RecoverAsync . ',
  '60 110 Recover ? ',
  '60 111 RecoverOk =< ',
  '60 120 Nack . ',
  '85 10 Select ? 0',
  '85 11 SelectOk =< ',
  '90 10 Select ? ',
  '90 11 SelectOk =< ',
  '90 20 Commit ? ',
  '90 21 CommitOk =< ',
  '90 30 Rollback ? ',
  '90 31 RollbackOk =< ',
];

const METHODS: ReadonlyMap<number, Method> = new Map(
  TABLE.map((line) => {
    const [group, number, name, marks, args] = line.split(' ') as [string, string, string, string, string];
    const method: Method = {
      name: `${CLASSES[Number(group)]}.${name}`,
      kind: marks.includes('?') ? 'ask' : marks.includes('=') ? 'answer' : 'tell',
      fromServer: marks.includes('<'),
      content: marks.includes('+'),
      arguments: args,
    };
    return [Number(group) * 0x1_0000 + Number(number), method];
  }),
);

export function methodOf(id: number): Method | undefined {
  return METHODS.get(id);
}

/** Whether `answer` answers `asked`. */
export function answers(answer: string, asked: string): boolean {
  return answer === `${asked}Ok` || (answer === 'Basic.GetEmpty' && asked === 'Basic.Get');
}
