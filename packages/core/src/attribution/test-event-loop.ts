import type { SpanId, SystraceId } from '../base/brand';
import type { SysSpan } from '../span/span';
import { testSpan } from '../testing/index';

export interface EventLoopOptions {
  readonly requests: number;
  /** Requests that clients have open at once. */
  readonly concurrency: number;
  /** Connections to the database; whoever finds none free waits in line. */
  readonly connections: number;
  /** Requests and statements name the thing they are about. */
  readonly named: boolean;
}

/** Calls of each kind of request, one after the other. */
const HABITS = [
  { endpoint: '/order', calls: ['SELECT stock', 'SELECT price', 'INSERT order'] },
  { endpoint: '/page', calls: ['SELECT text'] },
  { endpoint: '/visit', calls: ['SELECT price', 'UPDATE visit'] },
] as const;

interface Task {
  readonly id: string;
  readonly number: number;
  readonly habit: (typeof HABITS)[number];
  readonly start: number;
  readonly read: number;
  done: number;
}

interface Waiting {
  readonly task: Task;
  readonly at: number;
}

interface Answer extends Waiting {
  readonly connection: number;
  readonly id: string;
  readonly sentIn: number;
  readonly sentAt: number;
}

/**
 * Acts out a server with one thread: it takes whatever comes in next (a new request, or an answer from the database),
 * and what it sends before it takes the next bears that turn's number. A connection that an answer left free is given to
 * whoever waits first, in that very turn. Times come from a fixed sequence, so each call gives the same spans.
 */
export function eventLoop({ requests, concurrency, connections, named }: EventLoopOptions): {
  readonly spans: SysSpan[];
  readonly parents: ReadonlyMap<SpanId, SpanId>;
} {
  const spans: SysSpan[] = [];
  const parents = new Map<SpanId, SpanId>();
  const free = Array.from({ length: connections }, (_, i) => i);
  const line: Waiting[] = [];
  const answers: Answer[] = [];
  let seed = 7;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 0x8000_0000;
    return seed / 0x8000_0000;
  };
  let now = 0;
  let turn = 0;
  let begun = 0;
  let open = 0;
  const arrivals = Array.from({ length: concurrency }, () => random() * 2_000_000);

  const send = (task: Task, connection: number) => {
    now += 20_000 + random() * 10_000;
    answers.push({
      ...{ task, connection, sentIn: turn, sentAt: now, id: `${task.id}.${task.done}` },
      at: now + 300_000 + random() * 900_000,
    });
  };
  const call = (task: Task) => {
    const connection = free.shift();
    if (connection === undefined) line.push({ task, at: now });
    else send(task, connection);
  };

  while (open > 0 || begun < requests) {
    const nextAnswer = answers.toSorted((a, b) => a.at - b.at)[0];
    const nextArrival = begun < requests ? Math.min(...arrivals) : Number.POSITIVE_INFINITY;
    turn += 1;
    if (nextAnswer === undefined || nextArrival < nextAnswer.at) {
      now = Math.max(now + 5000, nextArrival);
      arrivals.splice(arrivals.indexOf(nextArrival), 1);
      const habit = HABITS[begun % HABITS.length]!;
      const task: Task = { id: `r${begun}`, number: 1000 + begun, habit, start: now, read: turn, done: 0 };
      begun += 1;
      open += 1;
      call(task);
      continue;
    }
    now = Math.max(now + 5000, nextAnswer.at);
    answers.splice(answers.indexOf(nextAnswer), 1);
    const { task, connection, id, sentIn, sentAt } = nextAnswer;
    const statement = task.habit.calls[task.done]!;
    spans.push(
      testSpan({
        ...{ id, protocol: 'postgresql', endpoint: statement, socket: `connection ${connection}` },
        resource: named ? `${statement} ${task.number}` : statement,
        ...{ start: sentAt, end: now, firstResponseByte: now as SysSpan['start'], responseTid: 100 },
        systrace: [sentIn, turn],
      }),
    );
    parents.set(id as SpanId, task.id as SpanId);
    task.done += 1;
    const next = line.shift();
    if (next === undefined) free.push(connection);
    else send(next.task, connection);
    if (task.done < task.habit.calls.length) {
      call(task);
      continue;
    }
    now += 15_000;
    open -= 1;
    arrivals.push(now + 100_000 + random() * 400_000);
    spans.push(
      testSpan({
        ...{ id: task.id, tapSide: 's-p', endpoint: task.habit.endpoint, responseTid: 100 },
        resource: named ? `${task.habit.endpoint}/${task.number}` : task.habit.endpoint,
        ...{ start: task.start, end: now + 1000, firstResponseByte: now as SysSpan['start'] },
        systrace: [task.read, turn as SystraceId],
      }),
    );
  }
  return { spans, parents };
}
