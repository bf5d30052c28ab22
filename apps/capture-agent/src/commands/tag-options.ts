import { type Command, InvalidArgumentError } from 'commander';
import { parseLabel, readLabels } from '../tags/labels';
import { Tagger } from '../tags/tagger';
import { reasonOf, UserError } from './user-error';

/** As commander gives them. */
export interface TagOptions {
  readonly label: Readonly<Record<string, string>>;
  readonly labels?: string;
  readonly kubelet?: URL;
  readonly kubeletInsecure?: boolean;
  readonly cloud?: string | true;
}

function label(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  try {
    return { ...before, ...Object.fromEntries([parseLabel(text)]) };
  } catch (error) {
    throw new InvalidArgumentError(reasonOf(error));
  }
}

function address(text: string): URL {
  if (!URL.canParse(text)) throw new InvalidArgumentError('It takes an address such as https://127.0.0.1:10250.');
  return new URL(text);
}

export function addTagOptions(command: Command): Command {
  return command
    .option('--label <name=value...>', 'note this of the host, e.g. stage=production', label, {})
    .option('--labels <file>', 'YAML file with more of them')
    .option('--kubelet <url>', 'ask the kubelet for pods, e.g. https://127.0.0.1:10250', address)
    .option('--kubelet-insecure', 'do not check its certificate')
    .option('--cloud [url]', "ask the cloud's metadata service what this machine is");
}

/** Has asked whom there is to ask when it resolves. Throws `UserError`. */
export async function taggerOf(options: TagOptions, say: (text: string) => void): Promise<Tagger> {
  const { kubelet, kubeletInsecure = false, cloud } = options;
  const tagger = new Tagger({
    labels: { ...fileLabels(options), ...options.label },
    ...(kubelet !== undefined && { kubelet: { url: kubelet, insecure: kubeletInsecure } }),
    ...(cloud !== undefined && { cloud }),
    say,
  });
  await tagger.prepare();
  return tagger;
}

function fileLabels({ labels: path }: TagOptions): Record<string, string> {
  if (path === undefined) return {};
  try {
    return readLabels(path);
  } catch (error) {
    throw new UserError(`${path} cannot be read as labels: ${reasonOf(error)}.`, 2);
  }
}
