import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { L7_PROTOCOLS, type L7Protocol } from '@causeway/core';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ControlGroupFolder, findControlGroup } from '../host/control-groups';
import { processEntry } from '../host/processes';
import { CALL_RETURNS, type CallReturns } from '../record/call-returns';
import { EndpointFilter, type EndpointPattern, parseEndpointPattern } from '../record/endpoint-filter';
import { type Network, parseNetwork } from '../record/network';
import { PayloadPolicy } from '../record/payload-policy';
import { MAX_PAYLOAD_LIMIT } from '../record/raw-event';
import { HOOKS, type Hooks } from '../record/recording-options';
import { filtersOf, hasTarget, type RecordTargets } from '../record/targets';
import { DEFAULT_NAMES, NAME_PATTERN } from '../redact/name-set';
import { Redactor } from '../redact/redactor';
import { durationSeconds, integer } from './quantities';
import { addTagOptions, type TagOptions } from './tag-options';
import { reasonOf, UserError } from './user-error';

/** Options that `record` and `stream` share, as commander gives them. */
export interface TargetOptions extends TagOptions {
  readonly pid: readonly number[];
  readonly comm: readonly string[];
  readonly cgroup: readonly ControlGroupFolder[];
  readonly port: readonly number[];
  readonly excludePort: readonly number[];
  readonly cidr: readonly Network[];
  readonly payload: number;
  readonly unix: boolean;
  readonly tls?: boolean;
  readonly go?: boolean;
  readonly hooks?: Hooks;
  readonly callReturns: CallReturns;
  readonly payloadPort: readonly PortLimit[];
  readonly payloadProtocol: readonly ProtocolLimit[];
  readonly payloadTurn?: number;
  readonly onlyProtocol: readonly L7Protocol[];
  readonly onlyEndpoint: readonly EndpointPattern[];
  readonly excludeEndpoint: readonly EndpointPattern[];
  readonly redact: readonly string[];
  readonly redactLiterals?: boolean;
  readonly redaction: boolean;
  readonly duration?: number;
  readonly all?: boolean;
  readonly user?: string;
  readonly agentUser?: string;
}

const DEFAULT_PAYLOAD = 1024;
const MAX_COMMS = 16;
const MAX_CGROUPS = 8;
const MAX_NETWORKS = 16;

const pid = integer(1, 4_194_303);
const port = integer(1, 65_535);

interface PortLimit {
  readonly port: number;
  readonly bytes: number;
}

function portLimit(text: string): PortLimit {
  const [, first = '', second = ''] = /^(\d+)=(\d+)$/.exec(text) ?? [];
  if (first === '') throw new InvalidArgumentError('It takes a port and a number of bytes, e.g. 5432=0.');
  return { port: port(first), bytes: integer(0, MAX_PAYLOAD_LIMIT)(second) };
}

interface ProtocolLimit {
  readonly protocol: L7Protocol;
  readonly bytes: number;
}

/** gRPC is known by its connection: HTTP/2. */
function protocolName(text: string): L7Protocol {
  const name = text === 'grpc' ? 'http2' : text;
  if (!L7_PROTOCOLS.some((known) => known === name)) {
    throw new InvalidArgumentError(`It takes one of ${L7_PROTOCOLS.join(', ')}.`);
  }
  return name;
}

function protocolLimit(text: string): ProtocolLimit {
  const [, first = '', second = ''] = /^([a-z0-9]+)=(\d+)$/.exec(text) ?? [];
  if (first === '') throw new InvalidArgumentError('It takes a protocol and a number of bytes, e.g. redis=0.');
  return { protocol: protocolName(first), bytes: integer(0, MAX_PAYLOAD_LIMIT)(second) };
}

function endpointPattern(text: string): EndpointPattern {
  try {
    return parseEndpointPattern(text);
  } catch (error) {
    throw new InvalidArgumentError(reasonOf(error));
  }
}

function controlGroup(text: string): ControlGroupFolder {
  try {
    return findControlGroup(text);
  } catch (error) {
    throw new InvalidArgumentError(reasonOf(error));
  }
}

function network(text: string): Network {
  const parsed = parseNetwork(text);
  if (parsed === undefined) {
    throw new InvalidArgumentError('It takes a network such as 10.0.0.0/8 or [fd00::]/8, or an address.');
  }
  return parsed;
}

function redactName(text: string): string {
  if (!NAME_PATTERN.test(text)) throw new InvalidArgumentError('It takes a name of letters, digits, - and _.');
  return text;
}

/** What of the payload is kept, and what of that is masked. */
export function payloadPolicyOf(options: TargetOptions): PayloadPolicy {
  const { payloadPort, payloadProtocol, payloadTurn, redact, redactLiterals = false, redaction } = options;
  const redactor = redaction
    ? new Redactor({ names: [...DEFAULT_NAMES, ...redact], literals: redactLiterals })
    : undefined;
  const limits = {
    byPort: new Map(payloadPort.map(({ port, bytes }) => [port, bytes])),
    byProtocol: new Map(payloadProtocol.map(({ protocol, bytes }) => [protocol, bytes])),
    ...(payloadTurn !== undefined && { perTurn: payloadTurn }),
  };
  const endpoints = new EndpointFilter(options.onlyEndpoint, options.excludeEndpoint);
  return new PayloadPolicy(limits, redactor, options.onlyProtocol, endpoints.isEmpty ? undefined : endpoints);
}

/** `--pid 1 2 --pid 3`: each value is added to those before. */
export function collect<Value>(parse: (text: string) => Value) {
  return (text: string, before: readonly Value[]): readonly Value[] => [...before, parse(text)];
}

export function addTargetOptions(command: Command): Command {
  const withTargets = command
    .option('--pid <pids...>', 'record these processes and what they start', collect(pid), [])
    .option('--comm <names...>', 'record programs of these names, running or started later', collect(String), [])
    .option(
      '--cgroup <groups...>',
      'record what runs in these control groups or containers, given by path or container id',
      collect(controlGroup),
      [],
    )
    .option('--port <ports...>', 'record only sockets with one of these ports at either end', collect(port), [])
    .option('--exclude-port <ports...>', 'leave out sockets with one of these ports at either end', collect(port), [])
    .option(
      '--cidr <networks...>',
      'record only sockets with either end in one of these networks',
      collect(network),
      [],
    )
    .option('--payload <bytes>', 'bytes kept of each call', integer(0, MAX_PAYLOAD_LIMIT), DEFAULT_PAYLOAD)
    .option('--no-unix', 'leave unix sockets out')
    .option('--tls', 'record what OpenSSL encrypts, too, as plaintext: programs with libssl, and Node.js')
    .option('--go', 'tell the goroutines of Go programs apart')
    .addOption(
      new Option('--hooks <where>', 'see calls at the sockets (Linux 6.5, cheaper) or as system calls').choices(HOOKS),
    )
    .addOption(
      new Option(
        '--call-returns <when>',
        'watch returns of system calls, too: turns of event loops, senders of datagrams',
      )
        .choices(CALL_RETURNS)
        .default('auto'),
    )
    .option('--payload-port <port=bytes...>', 'bytes kept of each call on a port, e.g. 5432=0', collect(portLimit), [])
    .option(
      '--payload-protocol <protocol=bytes...>',
      'bytes kept of each call of a protocol, e.g. redis=0',
      collect(protocolLimit),
      [],
    )
    .option(
      '--payload-turn <bytes>',
      'bytes kept of what goes one way over a connection until something comes back',
      integer(0, Number.MAX_SAFE_INTEGER),
    )
    .option(
      '--only-protocol <protocols...>',
      'record only connections of these protocols, e.g. http dns',
      collect(protocolName),
      [],
    )
    .option(
      '--only-endpoint <patterns...>',
      'of HTTP record only requests like these, e.g. "GET /orders*"; of others "redis:GET*"',
      collect(endpointPattern),
      [],
    )
    .option(
      '--exclude-endpoint <patterns...>',
      'leave out requests like these, e.g. "GET /health*"',
      collect(endpointPattern),
      [],
    )
    .option(
      '--redact <names...>',
      'mask the values of these headers, parameters and fields too',
      collect(redactName),
      [],
    )
    .option('--redact-literals', 'mask the values in SQL statements and Redis commands')
    .option('--no-redaction', 'keep passwords, tokens and cookies as they are')
    .option('--duration <time>', 'end after this time, e.g. 60 or 5m', durationSeconds)
    .option('--all', 'record every process of the host')
    .option('--user <name>', 'run COMMAND as this user')
    .option('--agent-user <name>', 'record as this user, with the capabilities that recording needs and no others')
    .argument('[command...]', 'program to start and record, after --');
  return addTagOptions(withTargets);
}

/** Throws `UserError` when nothing, or something that is not there, is asked for. */
export function targetsOf(options: TargetOptions, command: readonly string[]): RecordTargets {
  const { pid: pids, comm: comms, cgroup: cgroups, port: ports, all = false } = options;
  const { excludePort: excludedPorts, cidr: networks } = options;
  const targets = { pids, comms, cgroups, ports, excludedPorts, networks, command, all };
  if (!hasTarget(targets)) {
    throw new UserError(
      'Say what to record: --pid, --comm, --cgroup, --port, --cidr or a command after --; or --all for every process of this host.',
      2,
    );
  }
  if (comms.length > MAX_COMMS) throw new UserError(`At most ${MAX_COMMS} names can be given with --comm.`, 2);
  if (cgroups.length > MAX_CGROUPS) throw new UserError(`At most ${MAX_CGROUPS} control groups can be given.`, 2);
  if (networks.length > MAX_NETWORKS) throw new UserError(`At most ${MAX_NETWORKS} networks can be given.`, 2);
  const missing = pids.find((each) => processEntry(each) === undefined);
  if (missing !== undefined) throw new UserError(`There is no process ${missing}.`, 2);
  if (pids.includes(process.pid)) throw new UserError('The recorder does not record itself.', 2);
  return targets;
}

/** How calls are seen. */
export function hooksOf({ hooks, callReturns }: TargetOptions): {
  readonly hooks?: Hooks;
  readonly callReturns: CallReturns;
} {
  return { callReturns, ...(hooks !== undefined && { hooks }) };
}

/** Numbers of a user, e.g. the one to run the command as. */
export function accountOf(name: string): { readonly uid: number; readonly gid: number } {
  const [uid, gid] = ['-u', '-g'].map((which) => {
    const { status, stdout } = spawnSync('id', [which, name], { encoding: 'utf8' });
    return status === 0 ? Number(stdout) : Number.NaN;
  });
  if (uid === undefined || gid === undefined || Number.isNaN(uid) || Number.isNaN(gid)) {
    throw new UserError(`There is no user ${name} on this host.`, 2);
  }
  return { uid, gid };
}

/** What is recorded, in words. */
export function nameOf(targets: RecordTargets): string {
  const { command = [], comms = [], pids = [], ports = [], cgroups = [], networks = [] } = filtersOf(targets);
  const parts = [
    command.join(' '),
    ...comms,
    ...cgroups,
    ...networks,
    ...pids.map((pid) => `pid ${pid}`),
    ...ports.map((port) => `port ${port}`),
  ];
  return `${parts.filter((part) => part !== '').join(', ') || 'all processes'} on ${hostname()}`.slice(0, 200);
}
