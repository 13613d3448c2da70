/** Something that a reader of SAE files decided where the files said nothing, or said it in another way. */
export interface LoadNote {
  /**
   * `default`: a field was absent; `renamed`: an older name; `converted`: numbers or their meaning were changed to what
   * the same SAE is here; `ignored`: says nothing about the SAE; `unknown`: nobody can tell, and nothing was assumed;
   * `hint`: not in the files, but said beside them, by a registry or a person.
   */
  kind: 'default' | 'renamed' | 'converted' | 'ignored' | 'unknown' | 'hint';
  /** The field of cfg.json, the tensor or the file. */
  field: string;
  message: string;
}

/** Collects notes while files are read. */
export class LoadNotes {
  all: LoadNote[] = [];

  add(kind: LoadNote['kind'], field: string, message: string): void {
    this.all.push({ kind, field, message });
  }

  /** Whether a field was in no file: a default was taken, or nothing. */
  isOpen(field: string): boolean {
    return this.all.some((note) => note.field === field && (note.kind === 'default' || note.kind === 'unknown'));
  }

  /** Takes back that a field was open: something else says it. */
  close(field: string): void {
    this.all = this.all.filter((note) => note.field !== field || (note.kind !== 'default' && note.kind !== 'unknown'));
  }

  /** `value`, or the default where it is absent, noted. */
  orDefault<T>(field: string, value: T | null | undefined, fallback: T): T {
    if (value !== null && value !== undefined) return value;
    this.add('default', field, `${field} is absent, taken as ${JSON.stringify(fallback)}`);
    return fallback;
  }
}
