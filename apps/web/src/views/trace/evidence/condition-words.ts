import {
  assertUnreachable,
  type EvidenceField,
  type Instance,
  type RuleCondition,
  type RuleEvidence,
} from '@causeway/core';
import { formatDuration } from '../../format/duration';

const FIELDS: Readonly<Record<EvidenceField, string>> = {
  systraceIdRequest: 'systrace id of the request',
  systraceIdResponse: 'systrace id of the response',
  pseudoThreadId: 'coroutine',
  xRequestIdRequest: 'X-Request-ID in the request',
  xRequestIdResponse: 'X-Request-ID in the response',
  tcpSeqRequest: 'TCP sequence of the request',
  tcpSeqResponse: 'TCP sequence of the response',
  traceIds: 'trace id',
  spanId: 'span id',
  parentSpanId: 'parent span id',
  requestId: 'request id',
  socket: 'socket',
  src: 'client’s address',
  dst: 'server’s address',
  resource: 'resource',
  queueMessages: 'message of the queue',
  systraceIdConnect: 'systrace id of the connect call',
  attribution: 'systrace id of the request it was attributed to',
};

/** A span's field as people say it. */
export function fieldName(field: EvidenceField): string {
  return FIELDS[field];
}

/** A condition in words, true as it stands: what held with its margin, or what failed and by how much. */
export function conditionSentence(condition: RuleCondition): string {
  return condition.holds ? heldSentence(condition) : capitalise(failedClause(condition));
}

/** Why a candidate was turned down: `TCP sequence of the request equal; rejected because the child ends 12 ms after the parent`. */
export function nearMissSentence(evidence: RuleEvidence): string {
  const equal = listOf([...new Set(evidence.matched.map((match) => fieldName(match.parent)))]);
  const failed = evidence.conditions.filter((condition) => !condition.holds).map(failedClause);
  const head = equal === '' ? 'Candidate' : `${capitalise(equal)} equal`;
  return `${head}; rejected because ${listOf(failed)}.`;
}

/** The conditions with those that failed first, otherwise in the order the rule checked them. */
export function failedFirst(conditions: readonly RuleCondition[]): RuleCondition[] {
  return [...conditions.filter((one) => !one.holds), ...conditions.filter((one) => one.holds)];
}

function heldSentence(condition: RuleCondition): string {
  switch (condition.kind) {
    case 'same-process':
      return `Both in process ${condition.childPid}`;
    case 'covers':
      return coverSentence(condition);
    case 'within-tolerance':
      return `${distanceWords(condition)}; tolerance ${formatDuration(condition.tolerance)}`;
    case 'field-equal':
      return `The ${fieldName(condition.field)} is ${condition.child} in both`;
    case 'preferred':
      return `Best of the candidates: ${preferenceWords(condition.by)}`;
    case 'likeliest':
      return `The likeliest of the requests that were open: ${percent(condition.probability)}`;
    case 'sign':
      return signSentence(condition.sign);
    case 'no-cycle':
      return 'The link closes no circle';
    case 'by-sibling':
      return bySiblingSentence(condition.doubt);
    case 'no-net-span-between':
      return 'No packet span lies between the two';
    case 'same-instance':
      return sameInstanceSentence(condition);
    case 'leaf':
      return 'No inner span of the application was at work for the whole of the call';
    case 'entry':
      return 'No span of the same application is the parent';
    case 'first-on-path':
      return 'Nothing was seen before the child on the way of the message';
    case 'last-on-path':
      return 'Nothing was seen behind the parent on the way of the message';
    case 'starts-first':
      return startsFirstSentence(condition);
    case 'outlasts':
      return condition.open
        ? 'How long the parent took was not seen'
        : `The parent took ${formatDuration(condition.parent)}, the child ${formatDuration(condition.child)}`;
    case 'published-first':
      return judged(condition) >= 0
        ? `It was taken out ${formatDuration(judged(condition))} after the publishing began`
        : `It was taken out ${formatDuration(-judged(condition))} before the publishing began, within the clocks’ offset of ${formatDuration(condition.tolerance)}`;
    default:
      return assertUnreachable(condition);
  }
}

/** Fits after "because". */
function failedClause(condition: RuleCondition): string {
  switch (condition.kind) {
    case 'same-process':
      return `the child ran in process ${condition.childPid}, the parent in process ${condition.parentPid}`;
    case 'covers':
      return coverFailure(condition);
    case 'within-tolerance':
      return `${lowerFirst(distanceWords(condition))}, beyond the tolerance of ${formatDuration(condition.tolerance)}`;
    case 'field-equal':
      return `the ${fieldName(condition.field)} differs: ${condition.child} in the child, ${condition.parent} in the parent`;
    case 'preferred':
      return `another candidate was better: ${preferenceWords(condition.by)}`;
    case 'likeliest':
      return `another request is likelier: ${percent(condition.bestProbability)} against ${percent(condition.probability)}`;
    case 'sign':
      return lowerFirst(signSentence(condition.sign));
    case 'no-cycle':
      return 'the parent hangs below the child already, so the link would close a circle';
    case 'by-sibling':
      return lowerFirst(bySiblingSentence(condition.doubt));
    case 'no-net-span-between':
      return 'a packet span lies between the two';
    case 'same-instance':
      return `the child belongs to ${instanceName(condition.child)}, the parent to ${instanceName(condition.parent)}`;
    case 'leaf':
      return 'an inner span of the application was at work for the whole of the call';
    case 'entry':
      return 'another span of the same application is the parent';
    case 'first-on-path':
      return 'the message was seen at a point before the child';
    case 'last-on-path':
      return 'the message was seen at a point behind the parent';
    case 'starts-first':
      return `the parent starts ${formatDuration(-judged(condition))} after the child${beyond(condition.tolerance)}`;
    case 'outlasts':
      return `the parent took ${formatDuration(condition.parent)}, less than the child’s ${formatDuration(condition.child)}`;
    case 'published-first':
      return `it was taken out ${formatDuration(-judged(condition))} before the publishing began${beyond(condition.tolerance)}`;
    default:
      return assertUnreachable(condition);
  }
}

type SameInstance = Extract<RuleCondition, { kind: 'same-instance' }>;

/** What is known of both is said; a process that one of them does not name was not compared. */
function sameInstanceSentence({ child, parent, unknown }: SameInstance): string {
  if (unknown) return 'The application does not say on which of the recorded hosts it ran';
  const compared = child.pid !== undefined && parent.pid !== undefined;
  return compared
    ? `Both in process ${child.pid} of one host`
    : `Both on one host; the process of ${child.pid === undefined ? 'the child' : 'the parent'} is not known`;
}

function instanceName({ host, pid, service }: Instance): string {
  const name = service ?? (pid === undefined ? 'a program' : `process ${pid}`);
  return `${name}${service !== undefined && pid !== undefined ? ` (process ${pid})` : ''} on host ${host}`;
}

type Compared = Extract<RuleCondition, { kind: 'starts-first' | 'published-first' }>;

/** A difference between two hosts' times, once their clocks are corrected. */
const judged = ({ difference, corrected = difference }: Compared) => corrected;

function startsFirstSentence(condition: Extract<RuleCondition, { kind: 'starts-first' }>): string {
  const { tolerance } = condition;
  const difference = judged(condition);
  if (difference >= 0) return `The parent starts ${formatDuration(difference)} before the child`;
  return `The parent starts ${formatDuration(-difference)} after the child, within the clocks’ offset of ${formatDuration(tolerance)}`;
}

const beyond = (tolerance: number) =>
  tolerance > 0 ? `, beyond the clocks’ offset of ${formatDuration(tolerance)}` : '';

function bySiblingSentence(doubt: 'weak-sibling' | 'no-end'): string {
  return doubt === 'weak-sibling'
    ? 'Found through another call of the request, whose own link is weak'
    : 'Found through another call; nobody answers the parent, so when it was dealt with is not known';
}

const percent = (probability: number) => `${(probability * 100).toFixed(probability > 0.99 ? 1 : 0)} %`;

type Sign = Extract<RuleCondition, { kind: 'sign' }>['sign'];

const OCCASIONS: Readonly<Record<Extract<Sign, { kind: 'occasion' }>['occasion'], string>> = {
  'same-turn': 'Sent in the turn of the thread in which the request’s latest input came',
  'earlier-turn': 'Sent in the turn of an earlier input of the request',
  'same-thread': 'Sent by the request’s thread, in a turn that something else opened',
  'other-thread': 'Sent by another thread than that of the request’s latest input',
  'connected-for': 'Its connection was asked for in a turn of the request',
  'connected-for-other': 'Its connection was asked for in a turn of something else',
  'connected-before': 'Its connection was asked for before the request came',
  'same-loop': 'Decided later in the turn of the event loop that brought the request’s latest input',
  'next-loop': 'Decided in the next turn of the event loop after the request’s latest input',
  'second-loop': 'Decided two turns of the event loop after the request’s latest input',
  'third-loop': 'Decided three turns of the event loop after the request’s latest input',
  'later-loop': 'Decided many turns of the event loop after the request’s latest input',
};

const CONTENTS: Readonly<Record<Extract<Sign, { kind: 'content' }>['content'], string>> = {
  'nothing-shared': 'No telling word in common',
  'shared-by-few': 'In common with few of the open requests',
  'shared-by-sibling-alone': 'In common with a call of this request alone',
  'shared-alone': 'In common with this request alone',
};

/** What was compared, on both sides, and what it weighed: above 0 speaks for the request, below 0 against it. */
function signSentence(sign: Sign): string {
  return `${signText(sign)} (weight ${sign.weight > 0 ? '+' : ''}${sign.weight})`;
}

function signText(sign: Sign): string {
  switch (sign.kind) {
    case 'occasion': {
      const ids = `systrace id ${sign.child ?? 'none'}, the request’s ${sign.parent ?? 'none'}`;
      return `${OCCASIONS[sign.occasion]}, ${formatDuration(sign.lag)} after it: ${ids}`;
    }
    case 'turn':
      if (sign.behind !== undefined)
        return `Within one turn of the event loop, the input of ${sign.before} that wait for such a call came before, of ${sign.behind} after`;
      return sign.before === 0
        ? 'No open request had waited longer for such a call'
        : `${sign.before} open ${sign.before === 1 ? 'request' : 'requests'} had waited longer for such a call`;
    case 'count':
      return sign.others === 0
        ? 'The request makes no other call of this kind'
        : `The request makes ${sign.others} other ${sign.others === 1 ? 'call' : 'calls'} of this kind`;
    case 'content':
      return sign.shared.length === 0 ? CONTENTS[sign.content] : `${CONTENTS[sign.content]}: ${sign.shared.join(', ')}`;
    case 'sequence':
      return sign.after === ''
        ? 'As such a request’s first step, and with what it did next'
        : `As such a request’s step after “${sign.after}”, and with what it did next`;
    default:
      return assertUnreachable(sign);
  }
}

type Covers = Extract<RuleCondition, { kind: 'covers' }>;

function coverSentence({ startMargin, endMargin, open }: Covers): string {
  const start = `The parent started ${formatDuration(startMargin)} earlier`;
  const end = `ended ${formatDuration(endMargin)} later`;
  if (open === 'end') return `${start}; when it ended was not seen`;
  if (open === 'start') return `The parent ${end}; when it started was not seen`;
  return `${start} and ${end}`;
}

function coverFailure({ startMargin, endMargin, open }: Covers): string {
  const parts: string[] = [];
  if (startMargin < 0 && open !== 'start') parts.push(`starts ${formatDuration(-startMargin)} before the parent`);
  if (endMargin < 0 && open !== 'end') parts.push(`ends ${formatDuration(-endMargin)} after the parent`);
  return parts.length === 0 ? 'the parent does not cover the child' : `the child ${parts.join(' and ')}`;
}

/** On two hosts, what their clocks told and what is left of it once these are corrected. */
function distanceWords({ edge, difference, corrected }: Extract<RuleCondition, { kind: 'within-tolerance' }>): string {
  const told = distanceSentence(edge, difference);
  if (corrected === undefined) return told;
  const side = corrected === 0 ? '' : corrected > 0 ? ' after' : ' before';
  return `${told}, and ${formatDuration(Math.abs(corrected))}${side} once the hosts’ clocks are corrected`;
}

function distanceSentence(edge: 'start' | 'end', difference: number): string {
  if (difference === 0) return `Both ${edge} at the same instant`;
  return `The child ${edge}s ${formatDuration(Math.abs(difference))} ${difference > 0 ? 'after' : 'before'} the parent`;
}

function preferenceWords(by: Extract<RuleCondition, { kind: 'preferred' }>['by']): string {
  switch (by) {
    case 'latest-start':
      return 'it starts latest before the child';
    case 'smallest-deviation':
      return 'its times fit the child’s most closely';
    case 'closest-duration':
      return 'its duration is closest to the child’s';
    case 'nearest-on-path':
      return 'it is the nearest point before the child';
    default:
      return assertUnreachable(by);
  }
}

function listOf(parts: readonly string[]): string {
  if (parts.length <= 1) return parts[0] ?? '';
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `TCP` and the like keep their capitals; a sentence's first word does not. */
function lowerFirst(text: string): string {
  return /^[A-Z]{2}/.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);
}
