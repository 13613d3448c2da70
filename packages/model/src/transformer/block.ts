import * as op from '@monosema/engine';
import type { Traced, TracedRecord } from '@monosema/engine';
import type { Hooks } from '../hooks.ts';
import type { Attend } from './attend.ts';
import type { MlpConfig, TransformerConfig } from './config.ts';
import { forEachHead, joinHeads, perHead, splitHeads } from './heads.ts';
import { normalise, plainNorm, type Norm } from './norm.ts';
import { rotate, type Rotation } from './rotary.ts';

const activations = { gelu: op.gelu, geluTanh: op.geluTanh, silu: op.silu, relu: op.relu };

/** One layer: residual stream in, residual stream out. */
export class Block {
  constructor(
    private readonly config: TransformerConfig,
    private readonly weights: TracedRecord,
    private readonly hooks: Hooks,
    private readonly layer: number,
  ) {}

  run(residual: Traced, rotation: Rotation | null, attend: Attend): Traced {
    const { mlp, parallel } = this.config;
    const pre = this.hook('hook_resid_pre', residual);
    const attended = this.hook('hook_attn_out', this.attention(pre, rotation, attend));
    if (!mlp) return this.hook('hook_resid_post', op.add(pre, attended));
    const mid = op.add(pre, attended);
    if (parallel) return this.hook('hook_resid_post', op.add(mid, this.hook('hook_mlp_out', this.mlp(pre, mlp))));
    const hookedMid = this.hook('hook_resid_mid', mid);
    return this.hook('hook_resid_post', op.add(hookedMid, this.hook('hook_mlp_out', this.mlp(hookedMid, mlp))));
  }

  private attention(residual: Traced, rotation: Rotation | null, attend: Attend): Traced {
    const { heads, attention } = this.config;
    const inputs = this.attentionInputs(residual);
    const q = this.hook('attn.hook_q', inputs.q);
    const k = this.hook('attn.hook_k', inputs.k);
    const v = this.hook('attn.hook_v', inputs.v);
    const [normQ, normK] = attention.queryKeyNorm ? [this.headNorm(q, 'q_norm'), this.headNorm(k, 'k_norm')] : [q, k];
    const turnedQ = rotation ? this.hook('attn.hook_rot_q', rotate(normQ, rotation)) : normQ;
    const turnedK = rotation ? this.hook('attn.hook_rot_k', rotate(normK, rotation)) : normK;
    const z = this.hook('attn.hook_z', attend({ q: turnedQ, k: turnedK, v }, this.layer));
    const mixed = this.withBias(this.headsToResidual(z, heads), 'attn.b_O');
    return this.config.postNorms ? this.norm(mixed, 'ln1_post', true) : mixed;
  }

  /** Queries, keys and values, split into heads. Only where their inputs are edited does each head get its own. */
  private attentionInputs(residual: Traced): { q: Traced; k: Traced; v: Traced } {
    const { heads, keyValueHeads } = this.config;
    const parts = { q: heads, k: keyValueHeads, v: keyValueHeads };
    const normName = (name: string): string => this.name(`ln1.${name}`);
    const inputNames = ['hook_attn_in', 'hook_q_input', 'hook_k_input', 'hook_v_input'].map((name) => this.name(name));
    if (this.hooks.isEdited(...inputNames)) {
      if (this.hooks.isEdited(normName('hook_scale'), normName('hook_normalized')))
        throw new Error(`block ${this.layer}: edits of ln1 and of the inputs of single heads exclude each other`);
      const shared = heads === keyValueHeads ? this.hook('hook_attn_in', forEachHead(residual, heads)) : null;
      const own = (part: 'q' | 'k' | 'v'): Traced => {
        const input = this.hook(`hook_${part}_input`, shared ?? forEachHead(residual, parts[part]));
        return this.perHeadLinear(this.plain(input, 'ln1'), part, parts[part]);
      };
      this.norm(residual, 'ln1'); // its taps
      return { q: own('q'), k: own('k'), v: own('v') };
    }
    if (heads === keyValueHeads) this.hooks.aside(this.name('hook_attn_in'), () => forEachHead(residual, heads));
    const x = this.norm(residual, 'ln1');
    const own = (part: 'q' | 'k' | 'v'): Traced => {
      this.hooks.aside(this.name(`hook_${part}_input`), () => forEachHead(residual, parts[part]));
      const name = part.toUpperCase();
      return splitHeads(this.linear(x, `attn.W_${name}`, `attn.b_${name}`), parts[part]);
    };
    return { q: own('q'), k: own('k'), v: own('v') };
  }

  private perHeadLinear(x: Traced, part: 'q' | 'k' | 'v', heads: number): Traced {
    const { dModel, headWidth } = this.config;
    const name = part.toUpperCase();
    const matrices = op.transpose(op.reshape(this.weight(`attn.W_${name}`)!, [dModel, heads, headWidth]), [1, 0, 2]);
    const bias = this.weight(`attn.b_${name}`);
    const value = perHead(x, matrices);
    return bias ? op.add(value, op.reshape(bias, [heads, headWidth])) : value;
  }

  /** z [batch, length, heads, head_width] → what all heads together write, [batch, length, d_model], without the bias. */
  private headsToResidual(z: Traced, heads: number): Traced {
    const { dModel, headWidth } = this.config;
    const W_O = this.weight('attn.W_O')!;
    const results = (): Traced => perHead(z, op.reshape(W_O, [heads, headWidth, dModel]));
    const name = this.name('attn.hook_result');
    if (this.hooks.isEdited(name)) return op.sum(this.hooks.at(name, results()), [2]);
    this.hooks.aside(name, results);
    return op.matmul(joinHeads(z), W_O);
  }

  private mlp(residual: Traced, { activation, gated }: MlpConfig): Traced {
    const x = this.hook('mlp.hook_in', this.norm(this.hook('hook_mlp_in', residual), 'ln2'));
    const act = activations[activation];
    const hidden = gated
      ? () => {
          const pre = this.hook('mlp.hook_pre', this.linear(x, 'mlp.W_gate', 'mlp.b_gate'));
          return op.mul(act(pre), this.hook('mlp.hook_pre_linear', this.linear(x, 'mlp.W_in', 'mlp.b_in')));
        }
      : () => act(this.hook('mlp.hook_pre', this.linear(x, 'mlp.W_in', 'mlp.b_in')));
    const out = this.linear(this.hook('mlp.hook_post', hidden()), 'mlp.W_out', 'mlp.b_out');
    return this.config.postNorms ? this.norm(out, 'ln2_post', true) : out;
  }

  private name(name: string): string {
    return `blocks.${this.layer}.${name}`;
  }

  private hook(name: string, value: Traced): Traced {
    return this.hooks.at(this.name(name), value);
  }

  private weight(name: string): Traced | undefined {
    return this.weights[this.name(name)];
  }

  private linear(x: Traced, matrix: string, bias: string): Traced {
    return this.withBias(op.matmul(x, this.weight(matrix)!), bias);
  }

  private withBias(x: Traced, name: string): Traced {
    const bias = this.weight(name);
    return bias ? op.add(x, bias) : x;
  }

  private norm(x: Traced, name: string, isPost = false): Traced {
    const norm = this.normOf(name, isPost);
    return norm ? normalise(x, norm, this.hooks, this.name(name)) : x;
  }

  /** A norm without hook points. */
  private plain(x: Traced, name: string): Traced {
    const norm = this.normOf(name, false);
    return norm ? plainNorm(x, norm) : x;
  }

  private headNorm(x: Traced, name: 'q_norm' | 'k_norm'): Traced {
    const norm: Norm = {
      kind: 'rmsNorm',
      epsilon: this.config.epsilon,
      gain: this.weight(`attn.${name}.w`),
      bias: undefined,
    };
    return normalise(x, norm, this.hooks, this.name(`attn.${name}`));
  }

  private normOf(name: string, isPost: boolean): Norm | null {
    const { norm: kind, epsilon } = this.config;
    if (kind === 'none') return null;
    return { kind: isPost ? 'rmsNorm' : kind, epsilon, gain: this.weight(`${name}.w`), bias: this.weight(`${name}.b`) };
  }
}
