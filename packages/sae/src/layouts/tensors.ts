import {
  openNpz,
  openSafetensors,
  openTorch,
  type NamedArray,
  type TensorFile,
  type TorchValue,
} from '@monosema/formats';
import { SaeFormatError } from '../checkpoint/format-error.ts';
import type { LoadNotes } from '../checkpoint/load-note.ts';
import type { SaeConfig } from '../config/sae-config.ts';
import { listed, type SaeFolder } from './folder.ts';
import { transpose } from './transpose.ts';

/** Which tensors a file may have. */
export interface TensorRules {
  readonly needed: readonly string[];
  readonly optional?: readonly string[];
  /** Says nothing about the SAE at run time: passed over with the reason, noted. */
  readonly ignored?: Readonly<Record<string, string>>;
}

/** The tensors of one file of an SAE, read one at a time and checked for names and shapes. */
export class SaeTensors {
  private constructor(
    /** What errors call the file. */
    readonly title: string,
    private readonly file: TensorFile,
    private readonly notes: LoadNotes,
    /** What a torch file holds beside tensors; null for others. */
    readonly value: TorchValue,
    /** Free text of a safetensors file. */
    readonly metadata: Readonly<Record<string, string>>,
    /** Where the tensors are within what was saved, as "state_dict". */
    private readonly prefix: string,
    readonly close: () => Promise<void>,
  ) {}

  /** Opens a .safetensors, .npz or torch file of a folder. Close it when done. */
  static async open(folder: SaeFolder, name: string, notes: LoadNotes): Promise<SaeTensors> {
    const source = await folder.open(name);
    const close = (): Promise<void> => source.close();
    try {
      if (name.endsWith('.safetensors')) {
        const file = await openSafetensors(source);
        return new SaeTensors(name, file, notes, null, file.metadata, '', close);
      }
      if (name.endsWith('.npz')) return new SaeTensors(name, await openNpz(source), notes, null, {}, '', close);
      const file = await openTorch(source);
      return new SaeTensors(name, file, notes, file.value, {}, '', close);
    } catch (error) {
      await close();
      throw error;
    }
  }

  /** The tensors of a dict within a torch file. Closing either closes both. */
  within(key: string): SaeTensors {
    const { title, file, notes, value, metadata, prefix, close } = this;
    const inner = value instanceof Map ? (value as ReadonlyMap<unknown, TorchValue>).get(key) : undefined;
    return new SaeTensors(title, file, notes, inner ?? null, metadata, `${prefix}${key}.`, close);
  }

  get names(): string[] {
    const all = [...this.file.tensors.keys()];
    return all
      .filter((name) => name.startsWith(this.prefix))
      .map((name) => name.slice(this.prefix.length))
      .filter((name) => this.prefix !== '' || name !== '');
  }

  has(name: string): boolean {
    return this.file.tensors.has(this.prefix + name);
  }

  /** @throws SaeFormatError when the file has no tensor of the name */
  shape(name: string): readonly number[] {
    return this.info(name).shape;
  }

  /** @throws SaeFormatError naming every tensor that is missing or unknown */
  check({ needed, optional = [], ignored = {} }: TensorRules): void {
    const { names, title } = this;
    const missing = needed.filter((name) => !this.has(name));
    if (missing.length > 0)
      throw new SaeFormatError(`${title}: tensor ${missing.join(', ')} is missing; there is ${listed(names, 20)}`);
    const allowed = new Set([...needed, ...optional, ...Object.keys(ignored)]);
    const unknown = names.filter((name) => !allowed.has(name));
    if (unknown.length > 0)
      throw new SaeFormatError(
        `${title}: unknown tensor ${listed(unknown, 20)}; known are ${[...needed, ...optional].join(', ')}`,
      );
    for (const [name, why] of Object.entries(ignored)) if (this.has(name)) this.notes.add('ignored', name, why);
  }

  /** The numbers of a tensor of this shape; sizes of 1 count for nothing. */
  async read(name: string, shape: readonly number[]): Promise<Float32Array> {
    const info = this.info(name);
    const plain = (sizes: readonly number[]): string => sizes.filter((size) => size !== 1).join();
    if (plain(info.shape) !== plain(shape))
      throw new SaeFormatError(
        `${this.title}: ${name} has shape [${info.shape.join(', ')}], but [${shape.join(', ')}] is needed`,
      );
    const { data } = await this.file.read(this.prefix + name);
    if (!(data instanceof Float32Array))
      throw new SaeFormatError(`${this.title}: ${name} holds whole numbers, not fractions`);
    if (/64$/i.test(info.dtype)) this.notes.add('converted', name, `${name} is ${info.dtype}, read as float32`);
    return data;
  }

  /** The transposed numbers of a matrix whose shape in the file is [columns, rows]: [rows, columns]. */
  async readTransposed(name: string, [rows, columns]: readonly [number, number]): Promise<Float32Array> {
    return transpose(await this.read(name, [columns, rows]), columns, rows);
  }

  /** The whole numbers of a tensor. */
  async whole(name: string): Promise<Int32Array> {
    this.info(name);
    const { data } = await this.file.read(this.prefix + name);
    if (data instanceof Int32Array) return data;
    throw new SaeFormatError(`${this.title}: ${name} holds fractions, not whole numbers`);
  }

  /** A tensor of one number. */
  async number(name: string): Promise<number> {
    const { shape } = this.info(name);
    const { data }: NamedArray = await this.file.read(this.prefix + name);
    if (data.length !== 1)
      throw new SaeFormatError(`${this.title}: ${name} has shape [${shape.join(', ')}], but one number is needed`);
    return data[0]!;
  }

  /** Rows and columns of a matrix. */
  matrix(name: string): [number, number] {
    const [rows, columns, ...more] = this.shape(name);
    if (rows === undefined || columns === undefined || more.length > 0)
      throw new SaeFormatError(`${this.title}: ${name} has shape [${this.shape(name).join(', ')}], but is no matrix`);
    return [rows, columns];
  }

  /** The half precision that all tensors of these names have in the file, else float32. */
  precision(names: readonly string[]): SaeConfig['dtype'] {
    const dtypes = new Set(names.filter((name) => this.has(name)).map((name) => this.info(name).dtype.toLowerCase()));
    if (dtypes.size !== 1) return 'float32';
    const [dtype] = dtypes;
    if (dtype === 'bf16' || dtype === 'torch.bfloat16') return 'bfloat16';
    return dtype === 'f16' || dtype === 'torch.float16' ? 'float16' : 'float32';
  }

  private info(name: string): { dtype: string; shape: readonly number[] } {
    const info = this.file.tensors.get(this.prefix + name);
    if (!info) throw new SaeFormatError(`${this.title}: tensor ${name} is missing; there is ${listed(this.names, 20)}`);
    return info;
  }
}
