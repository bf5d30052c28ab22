import type { HostId, ProcessInfo, SocketId, SocketRole, StateSnapshot, Transport } from '@causeway/core';
import { BadPayload, type PayloadMap } from './payload-decoding';
import {
  asInteger,
  asUint64,
  bytes,
  columns,
  integer,
  integers,
  list,
  maps,
  string,
  strings,
  submap,
  texts,
  uint64,
} from './payload-fields';
import type {
  Annotation,
  CaptureFilters,
  CaptureHeader,
  ClockPair,
  IndexEntry,
  LossRecord,
  RawEventBlock,
  SnapshotRecord,
  TagsRecord,
} from './payloads';

/** One function a frame kind: the decoded map in, the checked payload out. All throw BadPayload. */

export function parseHeader(map: PayloadMap): CaptureHeader {
  return {
    version: integer(map, 'version'),
    producer: string(map, 'producer', ''),
    producerVersion: string(map, 'producerVersion', ''),
    captureId: string(map, 'captureId'),
    hostId: string(map, 'hostId') as HostId,
    hostName: string(map, 'hostName', ''),
    bootId: string(map, 'bootId', ''),
    kernel: string(map, 'kernel', ''),
    architecture: string(map, 'architecture', ''),
    monotonic: uint64(map, 'monotonic'),
    realtime: uint64(map, 'realtime'),
    filters: parseFilters(submap(map, 'filters')),
    payloadLimit: integer(map, 'payloadLimit', 0),
    redactions: strings(map, 'redactions'),
    ...((map.hooks === 'sockets' || map.hooks === 'calls') && { hooks: map.hooks }),
  };
}

function parseFilters(map: PayloadMap): CaptureFilters {
  return {
    ...('pids' in map && { pids: integers(map, 'pids') }),
    ...('comms' in map && { comms: strings(map, 'comms') }),
    ...('cgroups' in map && { cgroups: strings(map, 'cgroups') }),
    ...('ports' in map && { ports: integers(map, 'ports') }),
    ...('excludedPorts' in map && { excludedPorts: integers(map, 'excludedPorts') }),
    ...('protocols' in map && { protocols: strings(map, 'protocols') }),
    ...('endpoints' in map && { endpoints: strings(map, 'endpoints') }),
    ...('excludedEndpoints' in map && { excludedEndpoints: strings(map, 'excludedEndpoints') }),
    ...('networks' in map && { networks: strings(map, 'networks') }),
    ...('command' in map && { command: strings(map, 'command') }),
    ...('all' in map && { all: map.all === true }),
  };
}

/** Checks the types only; `ColumnarBlock` checks the columns against each other. */
export function parseEvents(map: PayloadMap): RawEventBlock {
  return {
    count: integer(map, 'count'),
    base: uint64(map, 'base'),
    firstTime: uint64(map, 'firstTime'),
    lastTime: uint64(map, 'lastTime'),
    columns: columns(map, 'columns'),
    sockets: columns(map, 'sockets'),
    threads: columns(map, 'threads'),
    strings: strings(map, 'strings'),
    payload: bytes(map, 'payload'),
  };
}

export function parseSnapshot(map: PayloadMap): SnapshotRecord {
  return {
    time: uint64(map, 'time'),
    state: { processes: maps(map, 'processes').map(parseProcess), sockets: maps(map, 'sockets').map(parseSocket) },
  };
}

function parseProcess(map: PayloadMap): ProcessInfo {
  return {
    pid: integer(map, 'pid'),
    tid: integer(map, 'tid'),
    comm: string(map, 'comm', ''),
    parentPid: integer(map, 'parentPid', 0),
    commandLine: string(map, 'commandLine', ''),
  };
}

function parseSocket(map: PayloadMap): StateSnapshot['sockets'][number] {
  return {
    id: string(map, 'id') as SocketId,
    inode: integer(map, 'inode', 0),
    ...('peerInode' in map && { peerInode: integer(map, 'peerInode') }),
    transport: transport(string(map, 'transport')),
    local: { address: string(map, 'localAddress'), port: integer(map, 'localPort') },
    remote: { address: string(map, 'remoteAddress'), port: integer(map, 'remotePort') },
    netns: integer(map, 'netns', 0),
    role: role(string(map, 'role', 'unknown')),
    preexisting: true,
    pid: integer(map, 'pid'),
    fd: integer(map, 'fd', -1),
  };
}

function transport(name: string): Transport {
  if (name === 'tcp' || name === 'udp' || name === 'unix') return name;
  throw new BadPayload(`transport ${name} is unknown`);
}

function role(name: string): SocketRole {
  return name === 'client' || name === 'server' ? name : 'unknown';
}

export function parseLoss(map: PayloadMap): LossRecord {
  return {
    from: uint64(map, 'from'),
    to: uint64(map, 'to'),
    ringDrops: integers(map, 'ringDrops'),
    ...('filtered' in map && { filtered: integer(map, 'filtered') }),
    truncatedPayloads: integer(map, 'truncatedPayloads', 0),
    ...('spoolDrops' in map && { spoolDrops: integer(map, 'spoolDrops') }),
    ...('shedPayloadBytes' in map && { shedPayloadBytes: integer(map, 'shedPayloadBytes') }),
    ...('splicedBytes' in map && { splicedBytes: integer(map, 'splicedBytes') }),
    ...('ioUringRequests' in map && { ioUringRequests: integer(map, 'ioUringRequests') }),
    ...('packetDrops' in map && { packetDrops: integer(map, 'packetDrops') }),
    ...('tlsUnplacedBytes' in map && { tlsUnplacedBytes: integer(map, 'tlsUnplacedBytes') }),
  };
}

export function parseClock(map: PayloadMap): ClockPair {
  return { monotonic: uint64(map, 'monotonic'), realtime: uint64(map, 'realtime') };
}

export function parseAnnotation(map: PayloadMap): Annotation {
  return {
    id: string(map, 'id'),
    time: uint64(map, 'time'),
    text: string(map, 'text'),
    ...('author' in map && { author: string(map, 'author') }),
    ...('span' in map && { span: string(map, 'span') }),
    ...('trace' in map && { trace: string(map, 'trace') }),
  };
}

export function parseTags(map: PayloadMap): TagsRecord {
  return {
    time: uint64(map, 'time'),
    host: texts(map, 'host'),
    labels: texts(map, 'labels'),
    groups: maps(map, 'groups').map((group) => ({
      pids: integers(group, 'pids'),
      attributes: texts(group, 'attributes'),
    })),
  };
}

export function parseIndex(map: PayloadMap): IndexEntry[] {
  return list(map, 'frames').map((entry) => {
    if (!Array.isArray(entry) || entry.length < 5) throw new BadPayload('an entry of the index is not a list of five');
    const [offset, kind, firstTime, lastTime, count] = entry;
    return {
      offset: asInteger(offset, 'offset'),
      kind: asInteger(kind, 'kind'),
      firstTime: asUint64(firstTime, 'firstTime'),
      lastTime: asUint64(lastTime, 'lastTime'),
      count: asInteger(count, 'count'),
    };
  });
}
