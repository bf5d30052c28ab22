import type { ResourceAttributes } from '@causeway/replay';
import { httpText } from './http-get';
import { type Json, known, text } from './json-access';

/** Where the machines of each of these providers find out about themselves. */
const METADATA = 'http://169.254.169.254';
const TIMEOUT_MS = 1_000;
const MAX_BYTES = 1024 * 1024;

type Ask = (path: string, headers: Readonly<Record<string, string>>, method?: string) => Promise<string>;

/** By AWS's Instance Identity Document, IMDSv2: docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html */
async function aws(ask: Ask): Promise<ResourceAttributes> {
  const token = await ask('/latest/api/token', { 'x-aws-ec2-metadata-token-ttl-seconds': '60' }, 'PUT');
  const answer = await ask('/latest/dynamic/instance-identity/document', { 'x-aws-ec2-metadata-token': token });
  const identity: Json = JSON.parse(answer);
  return known({
    'cloud.provider': 'aws',
    'cloud.account.id': text(identity, 'accountId'),
    'cloud.region': text(identity, 'region'),
    'cloud.availability_zone': text(identity, 'availabilityZone'),
    'host.id': text(identity, 'instanceId'),
    'host.type': text(identity, 'instanceType'),
  });
}

/** cloud.google.com/compute/docs/metadata/predefined-metadata-keys */
async function gcp(ask: Ask): Promise<ResourceAttributes> {
  const answer = await ask('/computeMetadata/v1/?recursive=true&alt=json', { 'metadata-flavor': 'Google' });
  // The id has more digits than a double.
  const all: Json = JSON.parse(answer.replace(/"id"\s*:\s*(\d+)/g, '"id":"$1"'));
  // `projects/123/zones/europe-west1-b`
  const zone = text(all, 'instance', 'zone')?.split('/').at(-1);
  return known({
    'cloud.provider': 'gcp',
    'cloud.account.id': text(all, 'project', 'projectId'),
    'cloud.region': zone?.replace(/-[a-z]$/, ''),
    'cloud.availability_zone': zone,
    'host.id': text(all, 'instance', 'id'),
    'host.type': text(all, 'instance', 'machineType')?.split('/').at(-1),
  });
}

/** learn.microsoft.com/azure/virtual-machines/instance-metadata-service */
async function azure(ask: Ask): Promise<ResourceAttributes> {
  const compute: Json = JSON.parse(
    await ask('/metadata/instance/compute?api-version=2021-02-01', { metadata: 'true' }),
  );
  return known({
    'cloud.provider': 'azure',
    'cloud.account.id': text(compute, 'subscriptionId'),
    'cloud.region': text(compute, 'location'),
    'cloud.availability_zone': text(compute, 'zone'),
    'host.id': text(compute, 'vmId'),
    'host.type': text(compute, 'vmSize'),
  });
}

/** What the provider of this machine says of it; all are asked at once. Throws an `Error` when none answers. */
export async function cloudAttributes(metadata = METADATA): Promise<ResourceAttributes> {
  const ask: Ask = (path, headers, method = 'GET') =>
    httpText(new URL(path, metadata), { method, headers, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES });
  try {
    return await Promise.any([aws, gcp, azure].map((provider) => provider(ask)));
  } catch {
    throw new Error(`no cloud's metadata service answers at ${metadata}`);
  }
}
