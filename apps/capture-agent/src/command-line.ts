import { RULE_IDS, type RuleId } from '@causeway/core';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { ipAddress, packetPoint } from './commands/packet-options';
import { byteCount, durationSeconds, integer } from './commands/quantities';
import { dumpReason } from './commands/record-output';
import { addTargetOptions, collect } from './commands/target-options';
import { UserError } from './commands/user-error';
import { CannotRecord } from './native/native-addon';

/** Each command is loaded when it is called: most need neither the recorder nor each other. */
function makeProgram(setStatus: (status: number) => void): Command {
  const program = new Command('causeway')
    .description('Record kernel events with eBPF, replay them into traces, see why every edge is there.')
    .version('0.1.0')
    .enablePositionalOptions()
    .showHelpAfterError('(--help says more)')
    .exitOverride();

  addTargetOptions(program.command('record'))
    .description('record programs of this host to a file (Linux, root)')
    .requiredOption('-o, --output <file>', 'capture file to write')
    .option(
      '--packets <interfaces...>',
      'read packets too: eth0, netns:NAME/eth0, eth0@gw for one on a gateway',
      collect(packetPoint),
      [],
    )
    .option('--packet-host <addresses...>', 'read only packets from or to these IP addresses', collect(ipAddress), [])
    .option('--rotate-size <size>', 'go on in another file when one is this large, e.g. 100MB', byteCount)
    .option('--rotate-time <time>', 'go on in another file after this time, e.g. 10m', durationSeconds)
    .option('--keep <files>', 'keep only so many of the newest files, or dumps', integer(1, 100_000))
    .option(
      '--ring <time>',
      'flight recorder: keep the last minutes, e.g. 5m, and write them when asked',
      durationSeconds,
    )
    .option('--ring-size <size>', 'most that the ring takes up on disk', byteCount, 512_000_000)
    .option('--ring-folder <folder>', 'where the ring lies')
    .option(
      '--dump-on <what...>',
      "write the ring at 'error', 'status>=500', 'duration>500ms' or 'exit'",
      dumpReason,
      [],
    )
    .option(...OWN_PROTOCOL, collectPaths)
    .option('--dump-after <time>', 'from what triggered a dump to the dump', durationSeconds, 2)
    .option('--dump-every <time>', 'at most one triggered dump in this time', durationSeconds, 60)
    .action(async (command: string[], options) => {
      const { record } = await import('./commands/record');
      setStatus(await record(options, command));
    });

  addTargetOptions(program.command('stream'))
    .description('record programs of this host to a workbench, live (Linux, root)')
    .requiredOption('--to <url>', 'address of the workbench')
    .option('--token <token>', 'its access token; default: CAUSEWAY_TOKEN')
    .option('--name <name>', 'what the capture is called')
    .option('--spool <folder>', 'where bytes wait that are not sent yet')
    .option('--spool-limit <megabytes>', 'most that may wait there', megabytes, 256)
    .action(async (command: string[], options) => {
      const { stream } = await import('./commands/stream');
      setStatus(await stream(options, command));
    });

  program
    .command('dump')
    .description('make a running flight recorder (record --ring) write its last minutes')
    .option(
      '-o, --output <file>',
      'capture file to write; default: named after the time, beside the file given to record',
    )
    .option('--pid <pid>', 'the recorder, when there are several', integer(1, 4_194_303))
    .option('--ring-folder <folder>', 'where rings lie')
    .action(async (options) => {
      const { dump } = await import('./commands/dump');
      setStatus(await dump(options));
    });

  addProtocolOption(program.command('watch', { hidden: true }))
    .argument('<triggers...>')
    .action(async (triggers: string[], { protocol }) => {
      const { watch } = await import('./flight/watch');
      setStatus(await watch(triggers, protocol));
    });

  program
    .command('doctor')
    .description('say whether this host can record, and what to do if not')
    .option('--json', 'one JSON object')
    .action(async (options) => {
      const { doctor } = await import('./commands/doctor');
      setStatus(doctor(options));
    });

  addProtocolOption(program.command('replay'))
    .description('print the traces of captures, each link with its rule')
    .argument('<files...>', 'captures, pcap, pcapng or OTLP traces; of several hosts, all of them')
    .option('--json', 'one JSON object a line')
    .option('--disable-rule <rule...>', 'leave rules out, e.g. R08')
    .option('--network-delay <time>', 'how far apart two ends may see one message; default 50ms')
    .option('--clock-offset <time>', 'added between hosts, whose clocks differ; default 10ms')
    .action(async (files: string[], options) => {
      const { runReplay } = await import('@causeway/replay/node');
      setStatus(await runReplay(files, options));
    });

  addProtocolOption(program.command('messages'))
    .description('print the messages of a capture, pcap or pcapng')
    .argument('<file>', 'capture, pcap or pcapng')
    .option('--json', 'one JSON object a line')
    .action(async (file: string, options) => {
      const { runMessages } = await import('@causeway/replay/node');
      setStatus(await runMessages(file, options));
    });

  program
    .command('import')
    .description('write a pcap or pcapng file, or spans in OTLP, as a capture')
    .argument('<file>', 'pcap, pcapng, or OTLP traces in JSON or protobuf')
    .requiredOption('-o, --output <file>', 'capture file to write')
    .action(async (file: string, options) => {
      const { runImport } = await import('@causeway/replay/node');
      setStatus(await runImport(file, options));
    });

  addProtocolOption(program.command('score'))
    .description('compare the links of captures with the trace context that their programs handed on')
    .argument('<files...>', 'captures; of several hosts, all of them')
    .option('--json', 'one JSON object')
    .option('--wrong <count>', 'list so many wrong and missing links, the surest first', count, 0)
    .option('--hide-x-request-id', 'let the rules see no X-Request-ID either')
    .option('--disable-rule <id>', 'leave a rule out, as R05; may be given several times', addRule, [])
    .action(async (files: string[], options) => {
      const { runScore } = await import('@causeway/replay/node');
      setStatus(await runScore(files, options));
    });

  program
    .command('inspect')
    .description('say what a capture is made of, and what of it is lost')
    .argument('<file>', 'capture')
    .option('--events', 'list its events')
    .option('--json', 'JSON instead of text')
    .action(async (file: string, options) => {
      const { runInspect } = await import('@causeway/replay/node');
      setStatus(await runInspect(file, options));
    });
  return program;
}

const OWN_PROTOCOL = ['--protocol <module>', 'read a protocol of your own too (again for each further one)'] as const;
const collectPaths = (path: string, before: readonly string[] = []): readonly string[] => [...before, path];

/** For each command that reads messages. */
function addProtocolOption(command: Command): Command {
  return command.option(...OWN_PROTOCOL, collectPaths);
}

function megabytes(text: string): number {
  const value = Number(text);
  if (!(value >= 1 && value <= 1_000_000)) throw new InvalidArgumentError('It takes a number of megabytes from 1 on.');
  return value;
}

function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It takes a whole number.');
  return Number(text);
}

function addRule(text: string, rules: readonly RuleId[]): RuleId[] {
  const rule = RULE_IDS.find((id) => id === text.toUpperCase());
  if (rule === undefined) throw new InvalidArgumentError(`Rules are ${RULE_IDS[0]} … ${RULE_IDS.at(-1)}.`);
  return [...rules, rule];
}

/** Runs `causeway` with these arguments; what goes wrong is said on stderr. Returns the exit status: 0, 1 or 2. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let status = 0;
  const program = makeProgram((value) => {
    status = value;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    // Commander has printed its message already. Help and version are no errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof UserError || error instanceof CannotRecord)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error instanceof UserError ? error.exitStatus : 1;
  }
}
