import type { MachineState } from '../api/views.js';
import type { VmStatus } from '../ipc/control.js';
import { availableMiB } from './host-memory.js';
import type { Service } from './service.js';

const MIB = 1 << 20;

/** One metric: its samples are `[labels, value]`. */
interface Metric {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly samples: readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];
}

export interface MetricsSource {
  readonly service: Service;
  /** Failures to log in since the start. */
  readonly failedLogins: () => number;
  /** Sessions in the lobby. */
  readonly inLobby: () => number;
}

/** The service and all its machines for Prometheus, in its text format. */
export async function metrics({ service, failedLogins, inLobby }: MetricsSource): Promise<string> {
  await Promise.all(service.machines.map((machine) => machine.process.refresh()));
  const machines = service.machines.map((machine) => ({
    name: machine.name,
    state: machine.state,
    status: machine.process.status,
    sessions: machine.process.sessions,
  }));
  const running = machines.filter((each): each is typeof each & { status: VmStatus } => each.status !== undefined);
  const perMachine = (value: (status: VmStatus) => number): Metric['samples'] =>
    running.map(({ name, status }) => [{ machine: name }, value(status)]);
  const states = new Map<MachineState, number>();
  for (const { state } of machines) states.set(state, (states.get(state) ?? 0) + 1);
  const usage = process.cpuUsage();
  const all: Metric[] = [
    gauge(
      'vitrine_machines',
      'Machines by state',
      [...states].map(([state, count]) => [{ state }, count]),
    ),
    gauge('vitrine_sessions', 'People connected', [
      ...running.map(({ name, sessions }) => [{ machine: name }, sessions.length] as const),
      [{ machine: '' }, inLobby()],
    ]),
    counter('vitrine_failed_logins_total', 'Logins that failed', [[{}, failedLogins()]]),
    gauge('vitrine_memory_promised_bytes', 'Memory promised to running guests', [[{}, service.promisedMiB * MIB]]),
    gauge('vitrine_memory_allowed_bytes', 'Memory that may be promised', [[{}, service.memory.allowedMiB * MIB]]),
    gauge('vitrine_memory_available_bytes', 'Memory of the host that is free', [[{}, availableMiB() * MIB]]),
    counter('vitrine_service_cpu_seconds_total', 'Processor time of the service itself', [
      [{}, (usage.user + usage.system) / 1e6],
    ]),
    gauge('vitrine_service_resident_bytes', 'Resident memory of the service itself', [[{}, process.memoryUsage.rss()]]),
    counter(
      'vitrine_machine_frames_total',
      'Pictures published by the guest',
      perMachine((s) => s.meters.framesPublished),
    ),
    counter(
      'vitrine_machine_updates_total',
      'Updates sent to viewers',
      perMachine((s) => s.meters.updates),
    ),
    counter(
      'vitrine_machine_sent_bytes_total',
      'Bytes sent to viewers',
      perMachine((s) => s.meters.sentBytes),
    ),
    counter(
      'vitrine_machine_encode_seconds_total',
      'Time spent encoding',
      perMachine((s) => s.meters.encodeMs / 1000),
    ),
    counter(
      'vitrine_machine_inputs_total',
      'Inputs that were followed by a change',
      perMachine((s) => s.meters.inputs),
    ),
    counter(
      'vitrine_machine_input_to_damage_seconds_total',
      'From an input to the next published change, summed',
      perMachine((s) => s.meters.inputToDamageMs / 1000),
    ),
    counter(
      'vitrine_machine_restarts_total',
      'Starts by policy after a crash',
      perMachine((s) => s.restarts),
    ),
    gauge(
      'vitrine_machine_resident_bytes',
      'Resident memory of its processes',
      perMachine((s) => s.meters.rssBytes),
    ),
    counter(
      'vitrine_machine_cpu_seconds_total',
      'Processor time of its processes',
      perMachine((s) => s.meters.cpuMs / 1000),
    ),
    gauge(
      'vitrine_session_round_trip_seconds',
      'Round trip to a viewer, where its protocol tells',
      running.flatMap(({ name, sessions }) =>
        sessions.flatMap(({ session, rttMs }) =>
          rttMs === undefined ? [] : [[{ machine: name, session }, rttMs / 1000] as const],
        ),
      ),
    ),
  ];
  return all.map(textOf).join('');
}

const gauge = (name: string, help: string, samples: Metric['samples']): Metric => ({
  name,
  type: 'gauge',
  help,
  samples,
});
const counter = (name: string, help: string, samples: Metric['samples']): Metric => ({
  name,
  type: 'counter',
  help,
  samples,
});

function textOf({ name, type, help, samples }: Metric): string {
  const lines = samples.map(([labels, value]) => {
    const inner = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    return `${name}${inner.length === 0 ? '' : `{${inner.join(',')}}`} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function escaped(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}
