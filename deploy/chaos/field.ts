import type { Stack } from '../embedded/start-stack.ts';
import type { DropProxy } from './drop-proxy.ts';
import type { Fault } from './faults.ts';
import type { InsertProxy } from './insert-proxy.ts';
import type { Recovery } from './recovery.ts';
import type { Processor, Program, Start, ToyLoop } from './toy-loop.ts';

/** What the faults of one round are done to. */
export interface Field {
  readonly loop: ToyLoop;
  readonly stack: Stack;
  readonly kafkaProxy: DropProxy;
  readonly insertProxy: InsertProxy;
  readonly recovery: Recovery;
  /** Session of the processors, milliseconds. */
  readonly sessionMs: number;
  /** Logs the next portion of the round's rows, behind those before it. */
  feed(): Promise<void>;
  /** Logs nothing more until the returned function is called; what is under way is waited for. */
  hold(): Promise<() => void>;
  start(crashAt?: string): Promise<Processor>;
  startTrainer(crashAt?: string): Program;
  /** Notes a fault that has come, and measures from now until everything on the topics is accounted for. */
  struck(args: Struck): Promise<void>;
  /** Faults that have come so far, of all lanes. */
  count(): number;
  /** Nothing new is begun: time is up. */
  isOver(): boolean;
}

export interface Struck {
  readonly fault: Fault;
  /** The labelled step at which the process was killed. */
  readonly step?: string;
  /** Whether it came as planned; a step that nothing came to is replaced by a plain kill. */
  readonly happened: boolean;
}

export function behindProxies({ kafkaProxy, insertProxy }: Pick<Field, 'kafkaProxy' | 'insertProxy'>): Start {
  return { broker: kafkaProxy.broker, clickhouseUrl: insertProxy.url };
}
