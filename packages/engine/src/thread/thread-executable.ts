// A program in a worker thread, whatever the library in there: what is checked and remembered on the caller's side.
import type { Arrays } from '../arrays.ts';
import type { Binding } from '../binding.ts';
import type { Executable } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { bindRun, changedShapes, shapesOf } from '../plan.ts';
import type { Plan, Shapes } from '../plan.ts';

/** What is asked of the thread for one program. Arrays are the caller's: they are copied on their way. */
export interface ProgramCalls {
  run(feeds: Arrays, binding: Binding): Promise<Arrays>;
  readState(): Promise<Arrays>;
  writeState(state: Arrays): Promise<unknown>;
  /** Frees the program. A rejection means that the thread is gone, and the program with it. */
  dispose(): Promise<unknown>;
  /** Lets go of what it shares with other programs, after `dispose`. */
  release(): Promise<void>;
}

export class ThreadExecutable implements Executable {
  private disposed: Promise<void> | undefined;
  private stateShapes: Shapes;

  /** @param read the inputs that the program uses; others are checked but not sent */
  constructor(
    private readonly plan: Plan,
    private readonly read: ReadonlySet<string>,
    state: Arrays,
    private readonly calls: ProgramCalls,
  ) {
    this.stateShapes = shapesOf(state);
  }

  async run(feeds: Arrays): Promise<Arrays> {
    this.checkOpen();
    const binding = bindRun(this.plan, feeds, this.stateShapes);
    return this.calls.run(only(this.read, feeds), binding);
  }

  async readState(): Promise<Arrays> {
    this.checkOpen();
    return this.calls.readState();
  }

  async writeState(changes: Arrays): Promise<void> {
    this.checkOpen();
    this.stateShapes = changedShapes(this.plan, this.stateShapes, changes);
    await this.calls.writeState(changes);
  }

  dispose(): Promise<void> {
    const release = () => this.calls.release();
    return (this.disposed ??= this.calls.dispose().then(release, release));
  }

  private checkOpen(): void {
    if (this.disposed) throw new EngineError('the executable is disposed');
  }
}

/** The entries of a record that are named. */
export const only = <T>(names: ReadonlySet<string>, record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => names.has(name)));
