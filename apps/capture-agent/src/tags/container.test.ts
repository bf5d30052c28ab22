import { describe, expect, it } from 'vitest';
import { containerOf } from './container';

const ID = '0123456789abcdef'.repeat(4);
const OTHER = 'f'.repeat(64);
const UID = '1f0b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';
const SLICE = `kubepods-burstable-pod${UID.replaceAll('-', '_')}.slice`;

describe('containerOf', () => {
  it.each([
    ['no container', '0::/system.slice/nginx.service', undefined],
    ['the root', '0::/\n', undefined],
    ['Docker under systemd', `0::/system.slice/docker-${ID}.scope`, { id: ID, runtime: 'docker' }],
    ['Docker by itself', `0::/docker/${ID}`, { id: ID, runtime: 'docker' }],
    ['version 1', `12:cpu,cpuacct:/docker/${ID}\n0::/`, { id: ID, runtime: 'docker' }],
    ['Podman', `0::/machine.slice/libpod-${ID}.scope/container`, { id: ID, runtime: 'podman' }],
    ["Podman's monitor", `0::/machine.slice/libpod-conmon-${ID}.scope`, undefined],
    [
      'containerd in Kubernetes',
      `0::/kubepods.slice/kubepods-burstable.slice/${SLICE}/cri-containerd-${ID}.scope`,
      { id: ID, runtime: 'containerd', podUid: UID },
    ],
    [
      'CRI-O in Kubernetes',
      `0::/kubepods.slice/kubepods-burstable.slice/${SLICE}/crio-${ID}.scope`,
      { id: ID, runtime: 'cri-o', podUid: UID },
    ],
    ['Kubernetes without systemd', `0::/kubepods/besteffort/pod${UID}/${ID}`, { id: ID, podUid: UID }],
    ['a static pod', `0::/kubepods/pod${'ab'.repeat(16)}/${ID}`, { id: ID, podUid: 'ab'.repeat(16) }],
    ['a container in a container', `0::/docker/${OTHER}/docker/${ID}/init.scope`, { id: ID, runtime: 'docker' }],
    ['64 digits that are part of more', `0::/docker/${ID}a`, undefined],
  ])('tells %s', (_, text, container) => expect(containerOf(text)).toEqual(container));
});
